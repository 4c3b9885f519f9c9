import { Link } from "@tanstack/react-router";

import type { Trouble } from "../../shared/trouble";
import { Notice, troubleText } from "../../shared/ui";
import { isOpen } from "../dialog/deed";
import { type Outcome, told } from "./outcome";
import styles from "./Parked.module.css";

/** What became of having messages tried again, and why not of each that was tried in vain. `nameOf` says what a message is. */
export function Result({
  result,
  troubles,
  nameOf,
}: {
  result: Outcome | null;
  troubles: readonly Trouble[];
  nameOf: (id: string) => string;
}) {
  return (
    <>
      {troubles.map((trouble) => (
        <Notice key={troubleText(trouble)} tone="bad">
          {troubleText(trouble)} {isOpen(trouble) && "What is parked there was perhaps not tried; it is safe to try again."}
        </Notice>
      ))}
      {result?.refusals.map((message) => (
        <Notice key={message} tone="bad">
          {message}
        </Notice>
      ))}
      {result !== null && result.refusals.length === 0 && (
        <Notice tone={result.failed.length > 0 ? "undo" : result.isDry ? "main" : "good"}>
          <p>{told(result)}</p>
          {result.failed.length > 0 && (
            <ul className={styles.failed}>
              {result.failed.map(({ id, error }) => (
                <li key={id}>
                  <strong>{nameOf(id)}</strong>: <span className={styles.error}>{error}</span>
                </li>
              ))}
            </ul>
          )}
          {!result.isDry && (
            <p>
              <Link to="/audit">It is in the audit log.</Link>
            </p>
          )}
        </Notice>
      )}
    </>
  );
}
