"use client";

import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useKeyedPost } from "@/client/keyed-post";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { CheckList } from "@/ui/check-list";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { Field, SelectField, TextField } from "@/ui/field";
import type { Party } from "./contract";

export type Role = "customer" | "supplier" | "merchant";

const ROLES: [Role, string][] = [
  ["customer", "Customer"],
  ["supplier", "Supplier"],
  ["merchant", "Merchant"],
];

/** Adds somebody to do business with. */
export function NewParty({ as: role, onMade, kind }: { as: Role; onMade?: (party: Party) => void; kind?: "primary" }) {
  const can = useCan();
  const [open, setOpen] = useState(false);
  if (!can("parties:write")) return null;
  return (
    <>
      <Button {...(kind && { kind })} icon={<Plus size={14} aria-hidden />} onClick={() => setOpen(true)}>
        {`New ${role}`}
      </Button>
      {open && <NewPartyDialog as={role} onClose={() => setOpen(false)} {...(onMade && { onMade })} />}
    </>
  );
}

type Props = { as: Role; name?: string; onClose: () => void; onMade?: (party: Party) => void };

/** The form of somebody new, as a window; with the name begun when somebody looked for it in vain. */
export function NewPartyDialog({ as: role, name = "", onClose, onMade }: Props) {
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`New ${role}`}
      description="Only the name is needed; the rest is for post, documents and being found again"
    >
      <Fields
        as={role}
        name={name}
        onMade={(party) => {
          onMade?.(party);
          onClose();
        }}
      />
    </Dialog>
  );
}

function Fields({ as: role, name, onMade }: { as: Role; name: string; onMade: (party: Party) => void }) {
  const save = useAction();
  const post = useKeyedPost();
  const wrong = (field: string) => save.problem?.messageFor(field);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const body = bodyOf(new FormData(event.currentTarget));
    let made: Party | null = null;
    const done = await save.run(async () => {
      made = await post<Party>("/parties", body);
    });
    if (done && made) onMade(made);
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <TextField
        label="Name"
        name="name"
        required
        maxLength={200}
        autoFocus
        autoComplete="off"
        defaultValue={name}
        error={wrong("name")}
      />
      <SelectField label="Kind" name="kind" defaultValue="company">
        <option value="company">A company</option>
        <option value="person">A person</option>
      </SelectField>
      <CheckList legend="Is our" name="roles" options={ROLES} checked={[role]} />
      {wrong("roles") && <p className="text-failed text-xs">{wrong("roles")}</p>}
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField label="E-mail" name="email" type="email" maxLength={200} autoComplete="off" error={wrong("email")} />
        <TextField
          label="Phone"
          name="phone"
          type="tel"
          maxLength={200}
          autoComplete="off"
          error={wrong("phone")}
          hint="Such as +62 812 3456 7890"
        />
      </div>
      <Field label="Address" hint="Street, then postcode and town" error={wrong("address")}>
        {(wiring) => <textarea {...wiring} name="address" rows={3} maxLength={500} />}
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label="Country"
          name="country"
          maxLength={2}
          pattern="[A-Za-z]{2}"
          autoComplete="off"
          hint="Two letters, such as ID"
          error={wrong("country")}
        />
        <TextField
          label="Tax number"
          name="tax_number"
          maxLength={200}
          autoComplete="off"
          error={wrong("tax_number")}
        />
      </div>
      {save.problem && <ErrorState problem={save.problem} />}
      <Button kind="primary" type="submit" busy={save.busy} className="w-full">
        {`Add the ${role}`}
      </Button>
    </form>
  );
}

/** What was written; a field left empty is left out. */
function bodyOf(form: FormData) {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const known = {
    name: text("name"),
    email: text("email"),
    phone: text("phone"),
    address: text("address").replaceAll("\r\n", "\n"),
    country: text("country").toUpperCase(),
    tax_number: text("tax_number"),
  };
  const given = Object.fromEntries(Object.entries(known).filter(([, value]) => value));
  return { ...given, kind: String(form.get("kind")), roles: form.getAll("roles").map(String) };
}
