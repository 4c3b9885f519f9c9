import { Field } from "../../../shared/ui";

/** Why an operator does something, for the audit log. */
export function Reason({
  value,
  onChange,
  wrong,
}: {
  value: string;
  onChange: (typed: string) => void;
  wrong?: string | undefined;
}) {
  return (
    <Field label="Reason" hint="For the audit log; at most 500 characters, no personal data." wrong={wrong}>
      <textarea required maxLength={500} rows={3} value={value} onChange={(event) => onChange(event.target.value)} />
    </Field>
  );
}
