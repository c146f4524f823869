import type { Schemas } from "@/client/schemas";

export type Rate = Schemas["RateOut"];
export type Exchange = Schemas["ExchangeOut"];
export type ExchangeOrder = Schemas["ExchangeIn"];
export type Revaluation = Schemas["RevaluationOut"];
