const UNITS: [string, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** A number of seconds as people say it: 7200 is "2 hours", 119 is "119 seconds". */
export function spoken(seconds: number): string {
  const unit = UNITS.find(([, size]) => seconds >= 2 * size);
  if (!unit) return seconds === 1 ? "1 second" : `${seconds} seconds`;
  return `${Math.floor(seconds / unit[1])} ${unit[0]}s`;
}
