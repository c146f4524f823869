import { Download } from "lucide-react";
import type { ButtonHTMLAttributes, ReactNode } from "react";
import { useTranslations } from "use-intl";
import { searchText } from "@/lib/search";
import { Link } from "@/ui/link";
import { classes } from "./classes";

type Kind = "primary" | "secondary" | "quiet" | "danger";

const BASE =
  "inline-flex min-h-9 items-center justify-center gap-2 rounded-md px-3 py-1.5 text-sm font-medium transition-colors duration-150 disabled:opacity-60";

const KINDS: Record<Kind, string> = {
  primary: "bg-accent text-accent-ink hover:brightness-110",
  secondary: "border border-rule-strong/60 bg-sheet text-ink hover:bg-well",
  quiet: "text-ink hover:bg-well",
  danger: "border border-failed bg-sheet text-failed hover:bg-failed-back",
};

type Props = ButtonHTMLAttributes<HTMLButtonElement> & { kind?: Kind; busy?: boolean; icon?: ReactNode };

/** A button. While busy it is locked and says so, so that a money action cannot be sent twice by hand. */
export function Button({ kind = "secondary", busy = false, icon, className, children, disabled, ...rest }: Props) {
  const t = useTranslations("ui");
  const look = classes(BASE, KINDS[kind], className);
  return (
    <button type="button" {...rest} disabled={disabled || busy} aria-busy={busy || undefined} className={look}>
      {icon}
      {busy ? t("working") : children}
    </button>
  );
}

/** A link that looks like a button. */
export function ButtonLink(props: { href: string; kind?: Kind; icon?: ReactNode; children: ReactNode }) {
  return (
    <Link href={props.href} className={classes(BASE, KINDS[props.kind ?? "secondary"])}>
      {props.icon}
      {props.children}
    </Link>
  );
}

/** The same rows as CSV and as XLSX; `path` is one of the API's that answers with either. */
export function TableFiles({ path, asked }: { path: string; asked: Record<string, string> }) {
  return ["csv", "xlsx"].map((format) => (
    <DownloadLink key={format} href={`/api/v1${path}?${searchText({ ...asked, format })}`}>
      {format.toUpperCase()}
    </DownloadLink>
  ));
}

/** A file of the API to keep, in the look of a button. */
export function DownloadLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <a href={href} download data-export className={classes(BASE, KINDS.secondary)}>
      <Download size={14} aria-hidden="true" />
      {children}
    </a>
  );
}
