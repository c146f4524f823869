import { boundWords, type OpenApi, present, resolved, type Schema, typeWords } from "./openapi";

/** `sent` is a body one writes, where it matters what must be there. */
type Props = { schema: Schema; document: OpenApi; sent?: boolean; depth?: number };

const DEEPEST = 5;

/** The fields of a schema with their types and meanings; a field with fields of its own opens. */
export function SchemaView({ schema, document, sent = false, depth = 0 }: Props) {
  const shown = fieldsOf(schema, document);
  if (!shown?.properties) return <p className="font-mono text-xs">{typeWords(schema)}</p>;
  return (
    <ul className="divide-y divide-rule">
      {Object.entries(shown.properties).map(([name, property]) => (
        <li key={name} className="py-2">
          <p className="flex flex-wrap items-baseline gap-x-2">
            <span className="font-medium font-mono text-xs">{name}</span>
            <span className="text-soft text-xs [overflow-wrap:anywhere]">{typeWords(property)}</span>
            {sent && shown.required?.includes(name) && <span className="font-medium text-xs">required</span>}
          </p>
          <Meaning schema={property} />
          <Inner schema={property} document={document} sent={sent} depth={depth} />
        </li>
      ))}
    </ul>
  );
}

/** What a value means and must keep to. */
export function Meaning({ schema, description }: { schema: Schema; description?: string }) {
  const bounds = boundWords(schema);
  const said = description ?? schema.description;
  return (
    <>
      {said && <p className="text-sm">{said}</p>}
      {bounds && <p className="text-soft text-xs [overflow-wrap:anywhere]">{bounds}</p>}
    </>
  );
}

function Inner({ schema, document, sent, depth = 0 }: Props) {
  const inner = fieldsOf(schema, document);
  if (!inner?.properties || depth >= DEEPEST) return null;
  return (
    <details className="mt-1">
      <summary className="text-accent text-xs">Its fields</summary>
      <div className="mt-1 border-rule border-l pl-3">
        <SchemaView schema={inner} document={document} sent={sent} depth={depth + 1} />
      </div>
    </details>
  );
}

// A list is shown by the fields of what is in it.
function fieldsOf(schema: Schema, document: OpenApi): Schema | null {
  const shown = resolved(present(schema), document);
  if (shown.properties) return shown;
  return shown.items ? fieldsOf(shown.items, document) : null;
}
