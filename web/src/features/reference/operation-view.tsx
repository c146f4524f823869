"use client";

import type { ReactNode } from "react";
import { TextView } from "@/ui/json-view";
import { State } from "@/ui/state";
import {
  answersOf,
  bodyOf,
  curlOf,
  type OpenApi,
  type Operation,
  type Refusal,
  refusalsOf,
  takesKey,
  typeWords,
} from "./openapi";
import { Meaning, SchemaView } from "./schema-view";

/** All about one operation: what it is for, what it takes, what it answers, and a command to try it with. */
export function OperationView({ operation, document }: { operation: Operation; document: OpenApi }) {
  const body = bodyOf(operation);
  return (
    <div className="space-y-5 border-rule border-t px-4 py-4">
      <About operation={operation} />
      <Part title="As a command">
        <TextView text={curlOf(operation, document, window.location.origin)} label="Command" />
      </Part>
      {operation.parameters && <Parameters operation={operation} />}
      {body && (
        <Part title="What is sent">
          <SchemaView schema={body} document={document} sent />
        </Part>
      )}
      {answersOf(operation).map(({ status, schema, type }) => (
        <Part key={status} title={`The answer ${status}`}>
          {schema && type === "application/json" && <SchemaView schema={schema} document={document} />}
          {type !== "application/json" && <p className="text-soft">{type ?? "Without a body"}</p>}
        </Part>
      ))}
      <Refusals refusals={refusalsOf(operation)} />
    </div>
  );
}

function About({ operation }: { operation: Operation }) {
  // The permission stands at the end of the description too; here it has its own line.
  const meaning = operation.description?.replace(/\s*Permission: `[^`]*`.*$/s, "");
  return (
    <div className="space-y-1">
      {meaning && <p className="whitespace-pre-line">{meaning}</p>}
      <p className="text-soft text-xs">
        {operation.security ? "Needs a key or a session" : "Open to everybody"}
        {operation["x-permission"] && (
          <>
            {" "}
            with <span className="font-mono">{operation["x-permission"]}</span>
          </>
        )}
        {takesKey(operation) && ". Sent twice under one Idempotency-Key, it happens once"}.
      </p>
    </div>
  );
}

function Parameters({ operation }: { operation: Operation }) {
  return (
    <Part title="Parameters">
      <ul className="divide-y divide-rule">
        {operation.parameters?.map((parameter) => (
          <li key={parameter.name} className="py-2">
            <p className="flex flex-wrap items-baseline gap-x-2">
              <span className="font-medium font-mono text-xs">{parameter.name}</span>
              <span className="text-soft text-xs">
                {typeWords(parameter.schema)}, in the {parameter.in}
              </span>
              {parameter.required && <span className="font-medium text-xs">required</span>}
            </p>
            <Meaning schema={parameter.schema} description={parameter.description} />
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Refusals({ refusals }: { refusals: Refusal[] }) {
  if (refusals.length === 0) return null;
  return (
    <Part title="Refusals">
      <ul className="divide-y divide-rule">
        {refusals.map(({ status, code, title, detail, retryable }) => (
          <li key={`${status}${code}`} className="py-2">
            <p className="flex flex-wrap items-center gap-2">
              <State state={status} tone={status >= "500" ? "failed" : "held"} />
              <a href={`/docs/errors/${code}`} className="font-mono text-xs underline underline-offset-4">
                {code}
              </a>
              {retryable && <span className="text-soft text-xs">worth sending again</span>}
            </p>
            <p>{detail || title}</p>
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-2 text-sm">{title}</h3>
      {children}
    </section>
  );
}
