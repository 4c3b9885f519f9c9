import { Field } from "../../shared/ui";

/** Narrows a list that is on the page already, while somebody types. */
export function Filter({
  label,
  hint,
  value,
  onChange,
}: {
  label: string;
  hint?: string;
  value: string;
  onChange: (typed: string) => void;
}) {
  return (
    <Field label={label} {...(hint === undefined ? {} : { hint })}>
      <input type="search" value={value} onChange={(event) => onChange(event.target.value)} />
    </Field>
  );
}
