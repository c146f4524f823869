import { SelectField } from "./field";

type Props = { value: string; onChange: (hours: string) => void };

/** For how many hours an old secret goes on working beside its successor. */
export function OverlapField({ value, onChange }: Props) {
  return (
    <SelectField label="The old one ends" value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="0">At once</option>
      <option value="1">After an hour</option>
      <option value="24">After a day</option>
      <option value="168">After a week</option>
    </SelectField>
  );
}
