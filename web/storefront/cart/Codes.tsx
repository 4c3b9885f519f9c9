import { useState } from "react";

import { Button, Field } from "../../shared/ui";
import styles from "./Cart.module.css";
import { type Cart, withCode, withoutCode } from "./cart";
import { changeCart } from "./keep";

/** The promotion codes of the cart. */
export function Codes({ cart, problems }: { cart: Cart; problems: { code: string; text: string }[] }) {
  const [typed, setTyped] = useState("");
  return (
    <div className={styles.codes}>
      {cart.codes.length > 0 && (
        <ul aria-label="Promotion codes">
          {cart.codes.map((code) => {
            const wrong = problems.find((problem) => problem.code === code);
            return (
              <li key={code} data-wrong={wrong !== undefined || undefined}>
                <span role={wrong && "alert"}>
                  <code>{code}</code> {wrong?.text}
                </span>
                <Button aria-label={`Take ${code} off`} onClick={() => changeCart((cart) => withoutCode(cart, code))}>
                  Take off
                </Button>
              </li>
            );
          })}
        </ul>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          changeCart((cart) => withCode(cart, typed));
          setTyped("");
        }}
      >
        <Field label="Promotion code">
          <input
            value={typed}
            required
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            maxLength={32}
            onChange={(event) => setTyped(event.target.value)}
          />
        </Field>
        <Button type="submit">Apply</Button>
      </form>
    </div>
  );
}
