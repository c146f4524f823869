import type { Schemas } from "@/client/schemas";

export type Pipeline = Schemas["PipelineOut"];
export type Stage = Schemas["StageOut"];
export type Board = Schemas["PipelineBoardOut"];
export type BoardColumn = Schemas["ColumnOut"];
export type Opportunity = Schemas["OpportunityOut"];
export type Forecast = Schemas["ForecastOut"];
export type Activity = Schemas["ActivityOut"];
export type CustomerListed = Schemas["CustomerListed"];
export type Customer = Schemas["CustomerOut"];
export type Contact = Schemas["ContactOut"];
export type Merge = Schemas["MergeOut"];
export type TimelineFact = Schemas["FactOut"];
export type Colleague = Schemas["ColleagueOut"];
export type SharedView = Schemas["ViewOut"];

export const stagesPage = (pipelineId: string) => `/pipeline/stages/?pipeline=${pipelineId}`;
export const customerPage = (partyId: string) => `/customers/view/?id=${partyId}`;
