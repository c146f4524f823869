"use client";

import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import type { Problem } from "@/client/problem";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Link } from "@/ui/link";
import { Sheet } from "@/ui/sheet";
import { type Contact, type Customer, customerPage } from "./contract";

/** The people to talk to at a company, or the companies where a person works. */
export function Contacts({ customer }: { customer: Customer }) {
  const can = useCan();
  const isCompany = customer.kind === "company";
  const mayWrite = isCompany && can("crm:write") && can("parties:write") && customer.merged_into === null;
  if (!isCompany && customer.contacts.length === 0) return null;
  return (
    <Sheet
      title={isCompany ? "Contacts" : "Works at"}
      actions={mayWrite && <AddContact companyId={customer.party_id} />}
    >
      {customer.contacts.length === 0 && <p className="text-soft">Nobody to talk to is known yet.</p>}
      <ul className="divide-y divide-rule">
        {customer.contacts.map((contact) => (
          <li key={`${contact.company_id}${contact.person_id}`} className="flex items-start justify-between gap-3 py-2">
            <div className="min-w-0 [overflow-wrap:anywhere]">
              <Link
                href={customerPage(isCompany ? contact.person_id : contact.company_id)}
                className="font-medium underline decoration-rule-strong/50 underline-offset-4"
              >
                {isCompany ? contact.person_name : contact.company_name}
              </Link>
              <p className="text-soft text-xs">{contact.position}</p>
              {isCompany && (
                <p className="text-soft text-xs">{[contact.email, contact.phone].filter(Boolean).join(" · ")}</p>
              )}
            </div>
            {mayWrite && <ChangeContact contact={contact} />}
          </li>
        ))}
      </ul>
    </Sheet>
  );
}

function AddContact({ companyId }: { companyId: string }) {
  const [open, setOpen] = useState(false);
  const act = useAction();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const body = Object.fromEntries(new FormData(event.currentTarget));
    if (await act.run(() => api.post(`/crm/customers/${companyId}/contacts`, body))) setOpen(false);
  }

  return (
    <>
      <Button icon={<Plus size={14} aria-hidden />} onClick={() => setOpen(true)}>
        Add a contact
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title="Add a contact">
        <form onSubmit={submit} className="space-y-4">
          <ContactFields problem={act.problem} />
          <Button kind="primary" type="submit" busy={act.busy} className="w-full">
            Add the contact
          </Button>
        </form>
      </Dialog>
    </>
  );
}

function ChangeContact({ contact }: { contact: Contact }) {
  const [open, setOpen] = useState(false);
  const act = useAction();
  const path = `/crm/customers/${contact.company_id}/contacts/${contact.person_id}`;

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const body = Object.fromEntries(new FormData(event.currentTarget));
    if (await act.run(() => api.put(path, body))) setOpen(false);
  }

  async function remove() {
    if (await act.run(() => api.delete(path))) setOpen(false);
  }

  return (
    <>
      <Button kind="quiet" aria-label={`Change ${contact.person_name}`} onClick={() => setOpen(true)}>
        Change
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={`Change ${contact.person_name}`}>
        <form onSubmit={submit} className="space-y-4">
          <ContactFields contact={contact} problem={act.problem} />
          <Button kind="primary" type="submit" busy={act.busy} className="w-full">
            Save the contact
          </Button>
          <Button kind="danger" busy={act.busy} onClick={remove} className="w-full">
            Remove from this company
          </Button>
          <p className="text-soft text-xs">Whoever is removed stays known as a customer.</p>
        </form>
      </Dialog>
    </>
  );
}

function ContactFields({ contact, problem }: { contact?: Contact; problem: Problem | null }) {
  const error = (field: string) => problem?.messageFor(field);
  return (
    <>
      <TextField
        label="Name"
        name="name"
        required
        maxLength={200}
        defaultValue={contact?.person_name}
        error={error("name")}
      />
      <TextField
        label="What they do there"
        name="position"
        required
        maxLength={200}
        defaultValue={contact?.position}
        error={error("position")}
      />
      <TextField
        label="E-mail"
        name="email"
        type="email"
        maxLength={254}
        defaultValue={contact?.email ?? ""}
        error={error("email")}
      />
      <TextField
        label="Phone"
        name="phone"
        type="tel"
        maxLength={40}
        hint="With the country's number, as +62 812 3456 7890"
        defaultValue={contact?.phone ?? ""}
        error={error("phone")}
      />
      {problem && <ErrorState problem={problem} />}
    </>
  );
}
