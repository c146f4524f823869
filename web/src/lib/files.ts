/** What the server takes at most of one file. */
export const LARGEST_FILE_BYTES = 10_000_000;

/** A file's size as people say it. */
export function sizeOf(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
