/** The name beside its mark: lines of a ledger with the double rule under the last. */
export function Wordmark() {
  return (
    <span className="inline-flex items-center gap-2 font-semibold text-base tracking-tight">
      <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
        <rect width="32" height="32" rx="7" className="fill-accent" />
        <path
          d="M9 10h14M9 16h14M9 21h14M9 24h14"
          className="stroke-accent-ink"
          strokeWidth="1.8"
          strokeLinecap="round"
        />
      </svg>
      Specie
    </span>
  );
}
