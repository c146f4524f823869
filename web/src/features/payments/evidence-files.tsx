"use client";

import { Download, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import { useAction } from "@/features/identity/step-up";
import { LARGEST_FILE_BYTES, sizeOf } from "@/lib/files";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { Field } from "@/ui/field";
import { Skeleton } from "@/ui/skeleton";
import { When } from "@/ui/when";
import type { Dispute, EvidenceFile } from "./contract";

type Props = { dispute: Dispute; mayChange: boolean; mayOpen: boolean };

/** The files of a dispute's evidence; they may be added and removed until the evidence is handed in. */
export function EvidenceFiles({ dispute, mayChange, mayOpen }: Props) {
  const path = `/disputes/${encodeURIComponent(dispute.id)}/files`;
  const files = useThing<{ data: EvidenceFile[] }>(path);
  if (files.error) return <ErrorState problem={files.error} onRetry={() => files.refetch()} />;
  if (!files.data) return <Skeleton lines={2} />;
  const found = files.data.data;
  return (
    <div className="mt-4 space-y-3">
      <h3 className="font-medium text-sm">Files</h3>
      {found.length === 0 ? (
        <p className="text-soft">No files are kept.</p>
      ) : (
        <ul className="divide-y divide-rule rounded-md border border-rule">
          {found.map((file) => (
            <FileLine key={file.id} file={file} mayChange={mayChange} mayOpen={mayOpen} />
          ))}
        </ul>
      )}
      {mayChange && <UploadForm path={path} />}
    </div>
  );
}

function FileLine({ file, mayChange, mayOpen }: { file: EvidenceFile; mayChange: boolean; mayOpen: boolean }) {
  const act = useAction();
  const path = `/disputes/files/${encodeURIComponent(file.id)}`;
  return (
    <li className="p-3">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div className="min-w-0">
          <p className="truncate font-medium" title={file.name}>
            {file.name}
          </p>
          <p className="text-soft text-xs">
            {sizeOf(file.size)} · <When at={file.created_at} />
          </p>
        </div>
        <div className="flex flex-wrap gap-2">
          {mayOpen && (
            <a
              href={`/api/v1${path}`}
              download
              aria-label={`Download ${file.name}`}
              className="inline-flex min-h-10 items-center gap-1 text-accent underline underline-offset-4"
            >
              <Download size={14} aria-hidden /> Download
            </a>
          )}
          {mayChange && (
            <Button
              kind="danger"
              icon={<Trash2 size={14} aria-hidden />}
              busy={act.busy}
              aria-label={`Remove ${file.name}`}
              onClick={() => act.run(() => api.delete(path))}
            >
              Remove
            </Button>
          )}
        </div>
      </div>
      {act.problem && <ErrorState problem={act.problem} />}
    </li>
  );
}

function UploadForm({ path }: { path: string }) {
  const act = useAction();
  const [tooLarge, setTooLarge] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    if (tooLarge) return;
    const body = new FormData(form);
    if (await act.run(() => api.post(path, body))) form.reset();
  }

  return (
    <form onSubmit={submit} className="space-y-3">
      <Field
        label="Add a file"
        hint="JPEG, PNG or PDF of at most 10 MB, such as a delivery slip"
        error={tooLarge ? "The file is larger than 10 MB" : act.problem?.messageFor("file")}
      >
        {(wiring) => (
          <input
            {...wiring}
            type="file"
            name="file"
            required
            accept="image/jpeg,image/png,application/pdf"
            onChange={(event) => setTooLarge((event.target.files?.[0]?.size ?? 0) > LARGEST_FILE_BYTES)}
          />
        )}
      </Field>
      {act.problem && <ErrorState problem={act.problem} />}
      <Button type="submit" busy={act.busy}>
        Upload
      </Button>
    </form>
  );
}
