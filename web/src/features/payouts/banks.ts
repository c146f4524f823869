/** Banks and e-wallets by the codes under which Indonesian providers know them. */
export const BANKS: [code: string, name: string][] = [
  ["014", "BCA"],
  ["008", "Mandiri"],
  ["009", "BNI"],
  ["002", "BRI"],
  ["022", "CIMB Niaga"],
  ["013", "Permata"],
];

export const EWALLETS: [code: string, name: string][] = [
  ["gopay", "GoPay"],
  ["ovo", "OVO"],
  ["dana", "DANA"],
];

const NAMES = new Map([...BANKS, ...EWALLETS]);

/** What people call a bank; its code where the name is not known. */
export function bankName(code: string): string {
  return NAMES.get(code) ?? code;
}

/** An account as a list shows it, `014 ••••7890`, with the bank's name. */
export function accountName(text: string): string {
  const [code = "", ...rest] = text.split(" ");
  return [bankName(code), ...rest].join(" ");
}
