"use client";

import { Copy } from "lucide-react";
import { type FormEvent, useState } from "react";
import { toast } from "sonner";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { useCopy } from "@/ui/id";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { useCan, useSession } from "./session";
import { useAction } from "./step-up";

type Sso = Schemas["SsoOut"];
type Places = Schemas["SsoPlacesOut"];
type Check = Schemas["SsoCheckOut"];

const ROLES: [string, string][] = [
  ["viewer", "Viewer"],
  ["sales", "Sales"],
  ["operator", "Operator"],
  ["finance", "Finance"],
];

/** The organisation's own identity provider, for those in charge. */
export function SsoSettingsPage() {
  const { role, tenant } = useSession();
  const mayChange = useCan()("tenant:write") && (tenant.mode !== "live" || role === "owner");
  const places = useThing<Places>(mayChange ? "/sso/places" : null);
  const sso = useThing<Sso>(mayChange ? "/sso" : null);
  const isUnset = sso.error?.code === "sso_not_configured";
  if (!mayChange) {
    return (
      <EmptyState
        title="Not for you"
        why="The provider lets in whomever it names, owners too: in live an owner sets it up, in the sandbox an admin may."
      />
    );
  }
  const failed = places.error ?? (isUnset ? null : sso.error);
  if (failed) return <ErrorState problem={failed} onRetry={() => sso.refetch()} />;
  if (!places.data || (!sso.data && !isUnset)) return <Skeleton lines={8} />;
  const known = isUnset ? null : (sso.data ?? null);
  return (
    <div className="mx-auto max-w-[640px]">
      <PageHeader
        title="Single sign-on"
        note="People of your organisation sign in at its own OpenID provider"
        actions={
          known && <State state={known.is_enabled ? "on" : "off"} tone={known.is_enabled ? "success" : "neutral"} />
        }
      />
      <div className="space-y-6">
        <Register places={places.data} />
        {known && <Running known={known} />}
        <Sheet title={known ? "Settings" : "Set it up"}>
          <SettingsForm key={known ? "known" : "new"} known={known} />
        </Sheet>
      </div>
    </div>
  );
}

function Register({ places }: { places: Places }) {
  const copy = useCopy();
  const told: [string, string, string][] = [
    ["Callback address", places.redirect_uri, "Register it at the provider, which may call it redirect URI"],
    ["Log-in page", places.login_url, "Where your people begin"],
  ];
  return (
    <Sheet title="Tell your provider">
      <ul className="divide-y divide-rule">
        {told.map(([name, address, why]) => (
          <li key={name} className="flex flex-wrap items-center justify-between gap-2 py-2">
            <div className="min-w-0">
              <p className="text-soft">{name}</p>
              <p className="break-all font-mono text-xs">{address}</p>
              <p className="text-soft text-xs">{why}</p>
            </div>
            <Button
              aria-label={`Copy: ${name}`}
              icon={<Copy size={14} aria-hidden />}
              onClick={() => copy(address, name)}
            >
              Copy
            </Button>
          </li>
        ))}
      </ul>
    </Sheet>
  );
}

/** What is set up: tried, switched on and off, or taken away. */
function Running({ known }: { known: Sso }) {
  const act = useAction();
  const [found, setFound] = useState<Check | null>(null);
  const { redirect_uri: _, ...kept } = known;

  async function check() {
    setFound(null);
    await act.run(async () => setFound(await api.post<Check>("/sso/check")));
  }

  const facts: Fact[] = [
    ["Provider", known.issuer],
    ["Who comes for the first time", joining(known)],
  ];
  return (
    <Sheet title={known.name}>
      <Facts facts={facts} />
      <div className="mt-4 flex flex-wrap gap-2">
        <Button busy={act.busy} onClick={check}>
          Test it
        </Button>
        <Button
          busy={act.busy}
          onClick={() => act.run(() => api.put("/sso", { ...kept, is_enabled: !known.is_enabled }))}
        >
          {known.is_enabled ? "Switch off" : "Switch on"}
        </Button>
        <Button kind="danger" busy={act.busy} onClick={() => act.run(() => api.delete("/sso"))}>
          Take it away
        </Button>
      </div>
      {found && (
        <p
          role="status"
          className="mt-4 rounded-md bg-success-back px-3 py-2 text-sm text-success [overflow-wrap:anywhere]"
        >
          The provider answers and is who it says: people are sent to {found.authorization_endpoint}, and it signs with{" "}
          {found.keys} {found.keys === 1 ? "key" : "keys"}. Whether it takes the client's secret shows when somebody
          signs in: try it in a private window.
        </p>
      )}
      {act.problem && <ErrorState problem={act.problem} />}
    </Sheet>
  );
}

function joining(known: Sso): string {
  if (!known.role) return "Only who was invited";
  const role = ROLES.find(([value]) => value === known.role)?.[1] ?? known.role;
  return `${role}, with an address of ${known.domains.join(", ")}`;
}

function SettingsForm({ known }: { known: Sso | null }) {
  const act = useAction();
  const [role, setRole] = useState(known?.role ?? "");
  const error = (field: string) => act.problem?.messageFor(field);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const shown = event.currentTarget;
    const form = new FormData(shown);
    const secret = String(form.get("client_secret"));
    const body = {
      name: form.get("name"),
      issuer: String(form.get("issuer")).trim(),
      client_id: String(form.get("client_id")).trim(),
      ...(secret && { client_secret: secret }),
      domains: role ? domainsOf(String(form.get("domains"))) : [],
      role: role || null,
      is_enabled: known?.is_enabled ?? true,
    };
    if (!(await act.run(() => api.put("/sso", body)))) return;
    const field = shown.elements.namedItem("client_secret");
    if (field instanceof HTMLInputElement) field.value = "";
    toast("Single sign-on is saved");
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <TextField
        label="Words on the button"
        name="name"
        required
        maxLength={60}
        defaultValue={known?.name}
        hint="As: Sign in with Kopi Nusantara"
        error={error("name")}
      />
      <TextField
        label="Issuer"
        name="issuer"
        type="url"
        required
        maxLength={500}
        defaultValue={known?.issuer}
        hint="Exactly as the provider writes it, with its closing slash if it has one"
        error={error("issuer") ?? error("url")}
      />
      <TextField
        label="Client id"
        name="client_id"
        required
        maxLength={255}
        autoComplete="off"
        defaultValue={known?.client_id}
        error={error("client_id")}
      />
      <TextField
        label="Client secret"
        name="client_secret"
        type="password"
        maxLength={1000}
        autoComplete="new-password"
        required={known === null}
        hint={known ? "Kept sealed and never shown; leave it empty to keep it" : "Kept sealed and never shown again"}
        error={error("client_secret")}
      />
      <SelectField
        label="Who comes for the first time becomes"
        value={role}
        onChange={(event) => setRole(event.target.value)}
        hint="Owners and admins are named by hand"
        error={error("role")}
      >
        <option value="">Nothing: only who was invited signs in</option>
        {ROLES.map(([value, word]) => (
          <option key={value} value={value}>
            {word}
          </option>
        ))}
      </SelectField>
      {role && (
        <TextField
          label="With an address of these domains"
          name="domains"
          required
          defaultValue={known?.domains.join(", ")}
          hint="Separated by commas, as: kopi.example, kopi-nusantara.example"
          error={error("domains")}
        />
      )}
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} className="w-full">
        {known ? "Save the settings" : "Set single sign-on up"}
      </Button>
    </form>
  );
}

function domainsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[\s,;]+/)
    .filter(Boolean);
}
