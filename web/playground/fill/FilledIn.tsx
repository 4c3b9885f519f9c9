import { useSession } from "../../shared/session";
import styles from "./FilledIn.module.css";
import { useRemembered } from "./remember";
import { supplied } from "./supply";

/** What stands for what in variables and headers, and what it is right now. */
export function FilledIn() {
  const { sku, order } = useRemembered();
  const session = useSession();
  const present: Partial<Record<string, string | undefined>> = { sku: sku ?? undefined, order: order?.number };
  const rows = [
    ["token", "of whoever is chosen at the top", session === null ? "nobody's" : `${session.name}'s`] as const,
    ...Object.entries(supplied).map(([name, what]) => [name, what, present[name]] as const),
  ];
  return (
    <details className={styles.filled}>
      <summary>What is filled in</summary>
      <dl>
        {rows.map(([name, what, now]) => (
          <div key={name}>
            <dt>
              <code>{`{{${name}}}`}</code>
              {now !== undefined && <span className={styles.now}>now {now}</span>}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
