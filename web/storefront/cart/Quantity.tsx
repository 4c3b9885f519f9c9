import { useState } from "react";

import { Field } from "../../shared/ui";
import { most } from "./cart";

/** How many of a product, as it is typed; whatever is no number of things counts for nothing, and is gone when one goes on. */
export function Quantity({
  of,
  quantity,
  wrong,
  onChange,
}: {
  of: string;
  quantity: number;
  wrong: string | undefined;
  onChange: (quantity: number) => void;
}) {
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <Field label="Quantity" wrong={wrong}>
      <input
        type="number"
        inputMode="numeric"
        min={1}
        max={most}
        aria-label={`Quantity of ${of}`}
        value={typed ?? quantity}
        onChange={(event) => {
          const { value, valueAsNumber } = event.target;
          setTyped(value);
          if (Number.isInteger(valueAsNumber) && valueAsNumber > 0 && valueAsNumber <= most) {
            onChange(valueAsNumber);
          }
        }}
        onBlur={() => setTyped(null)}
      />
    </Field>
  );
}
