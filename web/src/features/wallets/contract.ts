import type { Schemas } from "@/client/schemas";

export type Wallet = Schemas["WalletOut"];
export type WalletLine = Schemas["MovementOut"];
export type Recipient = Schemas["RecipientOut"];
export type Hold = Schemas["HoldOut"];
export type Transfer = Schemas["TransferOut"];
export type Order = Schemas["TransferIn"];
export type WalletLimits = Schemas["WalletLimitsOut"];
export type LimitLeft = Schemas["LimitOut"];
