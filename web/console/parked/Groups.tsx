import { Link } from "@tanstack/react-router";

import { Button } from "../../shared/ui";
import { useDialog } from "../dialog/DialogHost";
import { FactName } from "../facts/FactName";
import { Part } from "../shell/PageHead";
import type { Group } from "./message";
import { counted } from "./outcome";
import styles from "./Parked.module.css";
import { Retry } from "./Retry";

/** What is parked, by cause: where, what, and why. */
export function Groups({ groups, onDone }: { groups: readonly Group[]; onDone: () => void }) {
  const open = useDialog();
  const retry = (groups: readonly Group[]) => {
    const which = groups.map(({ context, type, error }) => ({ messages: { group: { context, type, error } } }));
    const what = counted(groups.reduce((sum, { count }) => sum + count, 0));
    const [only] = groups.length === 1 ? groups : [];
    const nameOf = () => only?.type ?? "A message";
    open((close) => <Retry what={what} which={which} nameOf={nameOf} onDone={onDone} onClose={close} />);
  };
  return (
    <Part title="By cause" aside={groups.length > 1 && <Button onClick={() => retry(groups)}>Retry everything…</Button>}>
      <ul className={styles.groups}>
        {groups.map((group) => (
          <li key={`${group.context} ${group.type} ${group.error}`} className={styles.group}>
            <span className={styles.count}>
              {group.count.toLocaleString("en-GB")}{" "}
              <span className={styles.unit}>{group.count === 1 ? "message" : "messages"}</span>
            </span>
            <div>
              <h3>
                <FactName type={group.type} /> <span className={styles.soft}>in</span> {group.context}
              </h3>
              <p className={styles.error}>{group.error}</p>
            </div>
            <div className={styles.buttons}>
              <Link to="/parked" search={{ context: group.context, type: group.type, error: group.error }} hash="messages">
                Show {group.count === 1 ? "it" : "them"}
              </Link>
              <Button onClick={() => retry([group])}>{group.count === 1 ? "Retry…" : `Retry all ${group.count}…`}</Button>
            </div>
          </li>
        ))}
      </ul>
    </Part>
  );
}
