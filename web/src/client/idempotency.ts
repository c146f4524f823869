"use client";

import { useRef } from "react";
import type { Problem } from "./problem";

/** A random UUID, also where the page is not served over HTTPS and `randomUUID` is missing. */
export function newUuid(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/**
 * One form's idempotency key. The key stays while an answer is missing, so sending again can never move money twice;
 * a decided answer or other input gets a new one.
 */
export class IdempotencyKey {
  #key = newUuid();
  #body: string | null = null;

  for(body: unknown): string {
    const text = JSON.stringify(body);
    if (this.#body !== null && this.#body !== text) this.#key = newUuid();
    this.#body = text;
    return this.#key;
  }

  /** Call with the outcome: null for success. */
  settle(problem: Problem | null): void {
    if (problem !== null && !problem.isDecision) return;
    this.#key = newUuid();
    this.#body = null;
  }
}

/** A key for as long as the form is open. */
export function useIdempotencyKey(): IdempotencyKey {
  const key = useRef<IdempotencyKey | null>(null);
  key.current ??= new IdempotencyKey();
  return key.current;
}
