import type { Schemas } from "@/client/schemas";

export type Endpoint = Schemas["EndpointOut"];
export type EndpointStats = Schemas["StatsOut"];
export type Delivery = Schemas["specie__webhooks__schemas__DeliveryOut"];
export type DeliveryDetail = Schemas["DeliveryDetailOut"];
export type DeliveryAttempt = Schemas["specie__webhooks__schemas__AttemptOut"];
