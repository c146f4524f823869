import { useTranslations } from "use-intl";
import { classes } from "./classes";

const WIDTHS = ["w-11/12", "w-4/5", "w-full", "w-3/4", "w-10/12"];

/** Grey lines that appear only when waiting takes longer than 300 ms. */
export function Skeleton({ lines = 3 }: { lines?: number }) {
  const t = useTranslations("ui");
  return (
    <div className="skeleton space-y-3 p-4" role="status">
      <span className="sr-only">{t("loading")}</span>
      {Array.from({ length: lines }, (_, line) => `line-${line}`).map((key, line) => (
        <div key={key} className={classes("h-4 rounded bg-well", WIDTHS[line % WIDTHS.length])} />
      ))}
    </div>
  );
}
