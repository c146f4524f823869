import { Field, SelectField, TextField } from "@/ui/field";
import type { Dialect, DialectField } from "./contract";

/** What a provider hands out, a field each. */
export function CredentialFields({ dialect }: { dialect: Dialect }) {
  return dialect.fields.map((field) => <Credential key={`${dialect.name}-${field.name}`} field={field} />);
}

function Credential({ field }: { field: DialectField }) {
  if (field.choices.length > 0)
    return (
      <SelectField label={field.label} name={field.name} hint={field.help} defaultValue={field.default}>
        {field.choices.map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </SelectField>
    );
  const isRequired = field.required && field.default === "";
  if (field.multiline)
    return (
      <Field label={field.label} hint={field.help}>
        {(wiring) => <textarea name={field.name} rows={5} required={isRequired} spellCheck={false} {...wiring} />}
      </Field>
    );
  return (
    <TextField
      label={field.label}
      name={field.name}
      hint={field.help}
      type={field.secret ? "password" : "text"}
      autoComplete="off"
      required={isRequired}
      defaultValue={field.default}
    />
  );
}

/** What was typed, as the API takes it; what was left empty is left out. */
export function credentialsOf(dialect: Dialect, environment: string, form: FormData): Record<string, string> {
  const typed = dialect.fields
    .map((field) => [field.name, String(form.get(field.name) ?? "")] as const)
    .filter(([, value]) => value !== "");
  return { environment, ...Object.fromEntries(typed) };
}
