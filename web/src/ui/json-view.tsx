import { useTranslations } from "use-intl";
import { Button } from "./button";
import { useCopy } from "./id";

/** Raw JSON to read and to copy. */
export function JsonView({ value, label = "JSON" }: { value: unknown; label?: string }) {
  return <TextView text={JSON.stringify(value, null, 2)} label={label} />;
}

/** A message body: laid out when it is JSON, and as it came when it is not. */
export function BodyView({ text, label }: { text: string; label: string }) {
  return <TextView text={laidOut(text)} label={label} />;
}

// An amount beyond what JavaScript counts exactly would change on the way through; such text stays as it came.
function laidOut(text: string): string {
  if (/\d{16,}/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** Text as it is, to read and to copy. */
export function TextView({ text, label }: { text: string; label: string }) {
  const t = useTranslations("ui");
  const copy = useCopy();
  return (
    <div className="relative">
      {/* Beside the text where there is room, above it on a phone. */}
      <div className="no-print mb-2 text-end sm:absolute sm:top-2 sm:end-2 sm:mb-0">
        <Button onClick={() => copy(text, label)}>{t("copy")}</Button>
      </div>
      {/* A scrolling region must be reachable by keyboard. */}
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is focusable so that keys can scroll it.
        tabIndex={0}
        className="max-h-96 overflow-auto rounded-md bg-well p-3 font-mono text-xs sm:pe-24"
      >
        {text}
      </pre>
    </div>
  );
}
