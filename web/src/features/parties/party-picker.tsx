"use client";

import { useEffect, useState } from "react";
import { useList, useThing } from "@/client/queries";
import type { CustomerListed } from "@/features/crm/contract";
import { useCan } from "@/features/identity/session";
import { useSettled } from "@/lib/settled";
import { type Choice, Combobox } from "@/ui/combobox";
import { Field } from "@/ui/field";
import type { Party } from "./contract";
import { NewPartyDialog, type Role } from "./new-party";

const ADD = "add";
const SHOWN = 20;
/** As many letters as the server finds somebody by. */
const SHORTEST = 2;

type Props = {
  label: string;
  /** Under which name a form sends the id. */
  name?: string;
  /** Whom to offer; everybody when it is left out. */
  among?: Role;
  /** As whom somebody is added who is not there yet; as whom is offered when it is left out. */
  adds?: Role;
  /** Of customers, whom to offer; those who go on as another are left out as well. */
  fits?: (customer: CustomerListed) => boolean;
  /** The id of whom it begins with. */
  initial?: string | null;
  /** Begin with the newest, where one of few is meant. */
  takesFirst?: boolean;
  required?: boolean;
  disabled?: boolean;
  placeholder?: string;
  hint?: string | undefined;
  error?: string | null | undefined;
  onChange?: (id: string) => void;
};

/** One party out of any number, found by the beginnings of its name, its e-mail, number or id. Who is missing is added. */
export function PartyPicker({ initial, takesFirst = false, ...props }: Props) {
  const known = useThing<Party>(initial ? `/parties/${encodeURIComponent(initial)}` : null);
  const first = useList<Party>("/parties", { role: props.among, limit: 1 }, takesFirst && !initial);
  const began = initial ? known.data : first.rows[0];
  // Whoever it began with stays, also when somebody newer comes meanwhile.
  const [start, setStart] = useState<Choice | null>(null);
  if (start === null && began) setStart({ key: began.id, name: began.name });
  return <Picker key={start?.key ?? ""} {...props} start={start} />;
}

function Picker({ start, ...props }: Omit<Props, "initial" | "takesFirst"> & { start: Choice | null }) {
  const can = useCan();
  const [chosen, setChosen] = useState<Choice | null>(start);
  const [typed, setTyped] = useState<string | null>(null);
  const [isAsked, setAsked] = useState(false);
  const [adding, setAdding] = useState<string | null>(null);
  const { label, name, among, adds = among, onChange } = props;
  const searched = useSettled((typed ?? "").trim());
  const list = useOffered(props, searched, isAsked);
  const mayAdd = can("parties:write") && adds !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever it begins with is told once
  useEffect(() => {
    if (start) onChange?.(start.key);
  }, []);

  function choose(choice: Choice | null) {
    setChosen(choice);
    setTyped(null);
    onChange?.(choice?.key ?? "");
  }

  function leave() {
    if (typed === null) return;
    const meant = list.choices.find((choice) => choice.name.toLowerCase() === typed.trim().toLowerCase());
    if (meant) choose(meant);
    else if (!typed.trim()) choose(null);
    else setTyped(null);
  }

  const add: Choice = { key: ADD, name: typed?.trim() ? `Add “${typed.trim()}”…` : `Add a new ${adds}…` };
  return (
    <>
      <Field label={label} hint={props.hint} error={props.error}>
        {(wiring) => (
          <Combobox
            {...wiring}
            opensAtOnce
            placeholder={props.placeholder ?? "Type a name…"}
            required={props.required ?? false}
            disabled={props.disabled ?? false}
            text={typed ?? chosen?.name ?? ""}
            onText={setTyped}
            choices={mayAdd && list.isKnown ? [...list.choices, add] : list.choices}
            listLabel={label}
            onChoose={(choice) => (choice.key === ADD ? setAdding(typed?.trim() ?? "") : choose(choice))}
            status={list.status}
            onFocus={() => setAsked(true)}
            onBlur={leave}
            invalid={typed?.trim() && !props.disabled ? "Choose one of the list" : ""}
          />
        )}
      </Field>
      {name && chosen && <input type="hidden" name={name} value={chosen.key} />}
      {adds && adding !== null && (
        <NewPartyDialog
          as={adds}
          name={adding}
          onClose={() => setAdding(null)}
          onMade={(party) => choose({ key: party.id, name: party.name })}
        />
      )}
    </>
  );
}

/** What fits a text: the newest as long as it is too short to find somebody by. */
function useOffered({ among, fits }: Pick<Props, "among" | "fits">, searched: string, isAsked: boolean) {
  const q = searched.length >= SHORTEST ? searched : undefined;
  const query = { role: among, q, limit: SHOWN };
  const parties = useList<Party>("/parties", query, isAsked && !fits);
  const customers = useList<CustomerListed>("/crm/customers", query, isAsked && fits !== undefined);
  const list = fits ? customers : parties;
  const choices: Choice[] = fits
    ? customers.rows.filter((row) => row.merged_into === null && fits(row)).map((row) => choiceOf(row, row.party_id))
    : parties.rows.filter((row) => !row.erased).map((row) => choiceOf(row, row.id, row.email ?? row.phone));
  // To add somebody is offered once it is known who is there: nobody is to be made twice for being quick.
  return { choices, status: statusOf(list, choices.length), isKnown: !list.isLoading };
}

function choiceOf({ name }: { name: string }, key: string, note?: string | null): Choice {
  return { key, name, note: note ?? undefined };
}

function statusOf(list: { error: { message: string } | null; isLoading: boolean; hasMore: boolean }, found: number) {
  if (list.error) return list.error.message;
  if (list.isLoading) return "Looking…";
  if (found === 0) return "Nobody is known by this";
  return list.hasMore ? "There are more: go on typing" : undefined;
}
