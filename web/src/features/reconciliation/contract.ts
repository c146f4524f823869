import type { Schemas } from "@/client/schemas";

export type Source = Schemas["SourceOut"];
export type Outcome = Schemas["OutcomeOut"];
export type Line = Schemas["OpenLineOut"];
export type Item = Schemas["OpenItemOut"];
export type Match = Schemas["MatchOut"];
export type Exception = Schemas["ReconExceptionOut"];
export type ProviderOwes = Schemas["ProviderOwesOut"];
export type ExpectedRow = Schemas["ExpectedMoneyOut"];
export type Comparison = Schemas["ComparisonOut"];
