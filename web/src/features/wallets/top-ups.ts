import type { Wallet } from "./contract";

/** Whether a top-up can be meant for a wallet: it credits the everyday one of its currency, whichever was on the screen. */
export function takesTopUps({ purpose }: Pick<Wallet, "purpose">): boolean {
  return purpose === "main";
}
