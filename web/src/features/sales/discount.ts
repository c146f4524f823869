import type { LineBody } from "@/features/billing/draft";

const WHOLE = 1_000_000;

/** A percentage as typed, in ten-thousandths of a percent; null for what is none. */
export function readPercent(text: string): number | null {
  const plain = text.trim().replace(",", ".") || "0";
  const match = /^(\d{1,2})(?:\.(\d{1,4}))?$/.exec(plain);
  return match ? Number(match[1]) * 10_000 + Number((match[2] ?? "").padEnd(4, "0")) : null;
}

/** The lines with a discount on the whole worked into each, as the server does it; whole numbers all the way. */
export function discounted(lines: LineBody[] | null, whole: number): LineBody[] | null {
  if (lines === null) return null;
  return lines.map((line) => ({ ...line, discount: both(line.discount, whole) }));
}

function both(own: string, whole: number): string {
  const alone = readPercent(own);
  if (alone === null || whole === 0) return own;
  const together = Math.floor(WHOLE - ((WHOLE - alone) * (WHOLE - whole)) / WHOLE + 0.5);
  const part = String(together % 10_000).padStart(4, "0");
  return `${Math.floor(together / 10_000)}.${part}`;
}
