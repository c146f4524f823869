"use client";

import { type InputHTMLAttributes, type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { classes } from "./classes";

export type Choice = { key: string; name: string; note?: string | undefined };

type Props = Omit<InputHTMLAttributes<HTMLInputElement>, "onChange" | "value" | "list" | "role"> & {
  /** What stands in the field. */
  text: string;
  onText: (text: string) => void;
  /** What is offered for it, called `listLabel` by screen readers. */
  choices: Choice[];
  listLabel: string;
  onChoose: (choice: Choice) => void;
  /** What is to be said of the choices, such as that there are none. */
  status?: string | undefined;
  /** Whether the field says only what was chosen from the list: it then lists everything as soon as it is entered. */
  opensAtOnce?: boolean;
  invalid?: string;
};

/**
 * A field with a list of what fits: arrow keys go through it, Enter takes one, Escape closes it and leaves what is around
 * open. What fits is looked up by whoever uses it.
 */
export function Combobox(props: Props) {
  const { text, onText, choices, listLabel, onChoose, status, opensAtOnce = false, invalid = "", ...rest } = props;
  const listId = useId();
  const input = useRef<HTMLInputElement>(null);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const isListed = open && choices.length > 0;
  useEffect(() => input.current?.setCustomValidity(invalid), [invalid]);
  const offered = choices.map(({ key }) => key).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is offered has changed, so no place in it is meant any more
  useEffect(() => setActive(-1), [offered]);

  function take(choice: Choice) {
    setOpen(false);
    setActive(-1);
    onChoose(choice);
  }

  function press(event: KeyboardEvent<HTMLInputElement>) {
    const chosen = isListed ? choices[active] : undefined;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      setActive(stepped(active, event.key === "ArrowDown" ? 1 : -1, choices.length));
    } else if (event.key === "Enter" && chosen && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      event.stopPropagation();
      take(chosen);
    } else if (event.key === "Escape") {
      setOpen(false);
    }
  }

  return (
    <div className="relative">
      <input
        autoComplete="off"
        {...rest}
        ref={input}
        role="combobox"
        aria-expanded={isListed}
        aria-autocomplete="list"
        aria-controls={isListed ? listId : undefined}
        aria-activedescendant={isListed && active >= 0 ? `${listId}-${active}` : undefined}
        value={text}
        onChange={(event) => {
          onText(event.target.value);
          setOpen(true);
        }}
        onClick={() => opensAtOnce && setOpen(true)}
        onFocus={(event) => {
          if (opensAtOnce) event.target.select();
          rest.onFocus?.(event);
        }}
        onBlur={(event) => {
          setOpen(false);
          rest.onBlur?.(event);
        }}
        onKeyDown={press}
      />
      {open && (isListed || status) && (
        <div className="absolute inset-x-0 z-30 mt-1 min-w-56 overflow-hidden rounded-md border border-rule bg-sheet shadow-float">
          {isListed && (
            <div id={listId} role="listbox" aria-label={listLabel} className="max-h-64 overflow-y-auto py-1">
              {choices.map((choice, index) => (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's, which keeps the focus
                <div
                  key={choice.key}
                  id={`${listId}-${index}`}
                  role="option"
                  tabIndex={-1}
                  aria-selected={index === active}
                  ref={index === active ? (shown) => shown?.scrollIntoView({ block: "nearest" }) : undefined}
                  // Before the field is left, which would close the list under the pointer.
                  onMouseDown={(event) => event.preventDefault()}
                  onClick={() => take(choice)}
                  className={classes("cursor-pointer px-3 py-2 text-sm hover:bg-well", index === active && "bg-well")}
                >
                  <span className="[overflow-wrap:anywhere]">{choice.name}</span>
                  {choice.note && (
                    <span className="ml-2 text-soft text-xs [overflow-wrap:anywhere]">{choice.note}</span>
                  )}
                </div>
              ))}
            </div>
          )}
          {status && <p className="border-rule border-t px-3 py-2 text-soft text-xs first:border-t-0">{status}</p>}
        </div>
      )}
      <span role="status" className="sr-only">
        {open ? status : ""}
      </span>
    </div>
  );
}

function stepped(active: number, step: 1 | -1, size: number): number {
  if (size === 0) return -1;
  if (active < 0) return step === 1 ? 0 : size - 1;
  return (active + step + size) % size;
}
