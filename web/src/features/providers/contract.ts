import type { Schemas } from "@/client/schemas";

export type CallbackRow = Schemas["CallbackOut"];
export type CallbackDetail = Schemas["CallbackDetail"];
export type Connection = Schemas["ConnectionOut"];
export type ConnectionDetail = Schemas["ConnectionDetail"];
export type Terms = Schemas["PayOverIn"];
export type ConnectionTest = Schemas["ConnectionTest"];
export type Dialect = Schemas["DialectOut"];
export type Offer = Schemas["ServiceOffer"];
export type DialectField = Schemas["DialectField"];
