import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { Button, Field } from "../../shared/ui";
import { sought } from "./about";
import styles from "./SagaSearch.module.css";
import { type SagasSearch, sagasSearch } from "./search";
import { kindWords, states, stateWords } from "./state";

/** Says which sagas are looked for; one box takes all that they can be looked for by. */
export function SagaSearch({ search }: { search: SagasSearch }) {
  const navigate = useNavigate({ from: "/sagas" });
  const [typed, setTyped] = useState(search.q ?? "");
  const what = sought(typed);
  const look = (change: Record<string, unknown>) =>
    navigate({ search: sagasSearch({ ...search, q: typed.trim(), after: undefined, ...change }) });
  return (
    <search>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          void look({});
        }}
      >
        <div className={styles.words}>
          <Field
            label="Search"
            hint={what === null ? "An order number, a customer's e-mail address, or a SKU." : `This is taken for ${what.words}.`}
          >
            <input
              type="search"
              autoComplete="off"
              spellCheck={false}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          </Field>
        </div>
        <Field label="State">
          <select value={search.state ?? ""} onChange={(event) => look({ state: event.target.value })}>
            <option value="">Any</option>
            {states.map((state) => (
              <option key={state} value={state}>
                {stateWords[state]}
              </option>
            ))}
          </select>
        </Field>
        <Field label="Kind">
          <select value={search.kind ?? ""} onChange={(event) => look({ kind: event.target.value })}>
            <option value="">Any</option>
            <option value="ORDER">{kindWords.ORDER}</option>
            <option value="RETURN">{kindWords.RETURN}</option>
          </select>
        </Field>
        <div className={styles.go}>
          <Button type="submit" tone="main">
            Search
          </Button>
        </div>
      </form>
    </search>
  );
}
