import type { Schemas } from "@/client/schemas";

export type Party = Schemas["PartyOut"];
export type PartyImport = Schemas["PartyImportOut"];
export type PartyDocument = Schemas["DocumentOut"];
export type PartyDocuments = Schemas["DocumentsOut"];
