import { Button } from "./button";
import { copyText } from "./id";

/** Raw JSON to read and to copy. */
export function JsonView({ value, label = "JSON" }: { value: unknown; label?: string }) {
  const text = JSON.stringify(value, null, 2);
  return (
    <div className="relative">
      <div className="no-print absolute top-2 right-2">
        <Button onClick={() => copyText(text, label)}>Copy</Button>
      </div>
      {/* A scrolling region must be reachable by keyboard. */}
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is focusable so that keys can scroll it.
        tabIndex={0}
        className="max-h-96 overflow-auto rounded-md bg-well p-3 pr-24 font-mono text-xs"
      >
        {text}
      </pre>
    </div>
  );
}
