import type { Words } from "../words";
import * as buying from "./buying";
import * as identity from "./identity";
import { problems } from "./problems";
import * as ui from "./ui";
import * as wallets from "./wallets";

export default { messages: { ...ui, ...identity, ...wallets, ...buying }, problems } satisfies Words;
