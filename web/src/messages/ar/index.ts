import type { Words } from "../words";
import * as buying from "./buying";
import * as identity from "./identity";
import { problems } from "./problems";
import * as ui from "./ui";
import * as wallets from "./wallets";

/**
 * What is filled in stands between U+2068 and U+2069, so that it keeps its own direction: without them the end of a Latin
 * name, such as a full stop or an asterisk, jumps to its beginning.
 */
export default { messages: { ...ui, ...identity, ...wallets, ...buying }, problems } satisfies Words;
