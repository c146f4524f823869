"use client";

import { useState } from "react";
import { toast } from "sonner";
import { api } from "@/client/api";
import { useList } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { Button } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Id } from "@/ui/id";
import { PageHeader, Sheet } from "@/ui/sheet";
import { When } from "@/ui/when";
import { useCan, useSession } from "./session";
import { useAction } from "./step-up";

type Member = Schemas["MemberOut"];

/** Who works here and with which role; whoever has lost the second factor is let in again from here. */
export function MembersPage() {
  const { tenant, user } = useSession();
  const mayChange = useCan()("members:write");
  const list = useList<Member>("/members");
  return (
    <>
      <PageHeader title="Members" note={`The people with a role in ${tenant.name}`} />
      <Sheet flush>
        <DataTable
          name="members"
          caption="Members, the newest first"
          columns={mayChange ? [...COLUMNS, letIn(user.id)] : COLUMNS}
          list={list}
          rowKey={(row) => row.id}
          empty={
            <EmptyState
              title="Nobody"
              why="Whoever has a role here is listed."
              example="Sri Wahyuni · finance · second factor on"
            />
          }
        />
      </Sheet>
    </>
  );
}

const COLUMNS: Column<Member>[] = [
  {
    key: "name",
    header: "Name",
    file: (row) => row.user.name,
    cell: (row) => (
      <>
        <span className="font-medium">{row.user.name}</span>
        <br />
        <span className="text-soft text-xs">{row.user.email}</span>
      </>
    ),
  },
  { key: "role", header: "Role", file: (row) => row.role, cell: (row) => row.role.replace("_", " ") },
  {
    key: "factor",
    header: "Second factor",
    file: (row) => (row.user.totp_enabled ? "on" : "none"),
    cell: (row) => (row.user.totp_enabled ? "On" : "None"),
  },
  { key: "since", header: "Since", file: (row) => row.created_at, cell: (row) => <When at={row.created_at} /> },
  { key: "id", header: "Id", cell: (row) => <Id value={row.id} />, hidden: true },
];

/** One's own second factor is switched off under one's own account, with a code. */
function letIn(self: string): Column<Member> {
  return {
    key: "actions",
    header: "Actions",
    align: "right",
    cell: (row) => (row.user.totp_enabled && row.user.id !== self ? <LetIn member={row} /> : null),
  };
}

function LetIn({ member }: { member: Member }) {
  const [open, setOpen] = useState(false);
  const remove = useAction();
  const act = async () => {
    if (await remove.run(() => api.delete(`/members/${member.id}/second-factor`))) {
      setOpen(false);
      toast.success(`${member.user.name} logs in with the password alone`);
    }
  };
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        Remove second factor<span className="sr-only"> of {member.user.name}</span>
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={`Remove the second factor of ${member.user.name}?`}
        description="For somebody who has lost the phone and the recovery codes. Make sure that it is them who ask."
      >
        <div className="space-y-4">
          <p>
            They are logged out everywhere and told by mail. The password alone lets them in until they set up another.
          </p>
          {remove.problem && <ErrorState problem={remove.problem} />}
          <div className="flex justify-end gap-2">
            <Button onClick={() => setOpen(false)}>Keep it</Button>
            <Button kind="danger" busy={remove.busy} onClick={act}>
              Remove it
            </Button>
          </div>
        </div>
      </Dialog>
    </>
  );
}
