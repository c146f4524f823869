/** Typed percent as the API's rate, exactly: "2,5" is "0.025". Null for what is no percent above 0 up to 100. */
export function rateOfPercent(text: string): string | null {
  const match = /^(\d{1,3})(?:[.,](\d{1,4}))?$/.exec(text.trim());
  if (!match) return null;
  const digits = `${(match[1] ?? "").padStart(3, "0")}${match[2] ?? ""}`;
  const whole = digits.slice(0, -2 - (match[2] ?? "").length);
  const fraction = digits.slice(whole.length).replace(/0+$/, "");
  const rate = Number(whole) === 0 ? `0.${fraction}` : `${Number(whole)}${fraction && `.${fraction}`}`;
  if (rate === "0." || Number(rate) > 1) return null;
  return rate;
}

/** A rate as people read it: "0.025" is "2.5%". */
export function percentOfRate(rate: string): string {
  const [whole = "0", fraction = ""] = rate.split(".");
  const padded = fraction.padEnd(2, "0");
  const major = Number(`${whole}${padded.slice(0, 2)}`);
  const minor = padded.slice(2).replace(/0+$/, "");
  return `${major}${minor && `.${minor}`}%`;
}
