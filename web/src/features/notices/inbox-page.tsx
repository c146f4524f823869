"use client";

import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { useList, useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useAction } from "@/features/identity/step-up";
import { pageOfId } from "@/features/shell/page-of-id";
import { useUrlState } from "@/lib/url-state";
import { Button, ButtonLink } from "@/ui/button";
import { Chips } from "@/ui/chips";
import { classes } from "@/ui/classes";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Link } from "@/ui/link";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { When } from "@/ui/when";
import type { Notice } from "./contract";

const DEFAULTS = { unread: "" };

/** What one was told, newest first. Opening a notice's subject marks it as read. */
export function InboxPage() {
  const t = useTranslations("notices");
  const ui = useTranslations("ui");
  const [view, change] = useUrlState(DEFAULTS);
  const list = useList<Notice>("/notices", { unread: view.unread });
  const count = useThing<Schemas["UnreadOut"]>("/notices/unread");
  const markAll = useAction();
  return (
    <div className="mx-auto max-w-[760px]">
      <PageHeader
        title={t("title")}
        note={t("note")}
        actions={
          <>
            {(count.data?.unread ?? 0) > 0 && (
              <Button busy={markAll.busy} onClick={() => markAll.run(() => api.post("/notices/read"))}>
                {t("markAll")}
              </Button>
            )}
            <ButtonLink href="/inbox/choices/">{t("choose")}</ButtonLink>
          </>
        }
      />
      <div className="no-print mb-4">
        <Chips
          label={t("which")}
          options={[
            ["", t("all")],
            ["true", t("unread")],
          ]}
          value={view.unread}
          onChange={(unread) => change({ unread })}
        />
      </div>
      {markAll.problem && <ErrorState problem={markAll.problem} />}
      <Sheet flush>
        {list.error && <ErrorState problem={list.error} onRetry={list.refetch} />}
        {list.isLoading && <Skeleton lines={5} />}
        {!list.isLoading && !list.error && list.rows.length === 0 && (
          <EmptyState title={view.unread ? t("nothingUnread") : t("none")} why={t("why")} example={t("example")} />
        )}
        <ul className="divide-y divide-rule">
          {list.rows.map((notice) => (
            <NoticeLine key={notice.id} notice={notice} />
          ))}
        </ul>
        {list.hasMore && (
          <div className="no-print border-rule border-t p-3 text-center">
            <Button kind="quiet" busy={list.isLoadingMore} onClick={list.loadMore}>
              {ui("showMore")}
            </Button>
          </div>
        )}
      </Sheet>
    </div>
  );
}

function NoticeLine({ notice }: { notice: Notice }) {
  const t = useTranslations("notices");
  const mark = useAction();
  const isNew = notice.read_at === null;
  const href = pageOfId(notice.subject_id);
  const read = () => mark.run(() => api.post(`/notices/${notice.id}/read`));
  const title = classes("text-sm", isNew ? "font-semibold" : "font-normal");
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 px-4 py-3">
      <div className="min-w-0 flex-1 basis-60">
        <h2 className={title}>
          {isNew && (
            <span className="me-2 inline-block size-2 rounded-full bg-accent align-middle" aria-hidden="true" />
          )}
          {isNew && <span className="sr-only">{t("unreadMark")}</span>}
          {href ? (
            <Link href={href} onClick={() => isNew && void read()} className="underline-offset-4 hover:underline">
              {notice.title}
            </Link>
          ) : (
            notice.title
          )}
        </h2>
        <p className="mt-0.5 text-soft [overflow-wrap:anywhere]">{notice.text}</p>
        {mark.problem && <ErrorState problem={mark.problem} />}
      </div>
      <div className="flex items-center gap-3 text-soft text-xs">
        <When at={notice.created_at} />
        {isNew && (
          <Button kind="quiet" busy={mark.busy} onClick={read}>
            {t("mark")}
          </Button>
        )}
      </div>
    </li>
  );
}
