import type { Schemas } from "@/client/schemas";

export type Notice = Schemas["NoticeOut"];
export type Wishes = Schemas["WishesOut"];
export type Choice = Schemas["ChoiceShape"];
export type Channel = keyof Choice;
