import type { Schemas } from "@/client/schemas";

export type PaymentLink = Schemas["specie__payments__link_schemas__LinkOut"];
