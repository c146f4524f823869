import * as buying from "./buying";
import * as identity from "./identity";
import * as ui from "./ui";
import * as wallets from "./wallets";

/** The original of every text; the other languages translate it key by key. */
export default { ...ui, ...identity, ...wallets, ...buying } as const;
