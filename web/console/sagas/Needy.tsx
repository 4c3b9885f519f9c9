import { Moment } from "../../shared/moment";
import { SagaActions } from "./actions/SagaActions";
import styles from "./Needy.module.css";
import type { Row } from "./rows";
import { SagaName } from "./SagaName";
import { StateBadge } from "./StateBadge";

/** Sagas that do not get on, each with what an operator can do about it. */
export function Needy({ sagas, onDone }: { sagas: readonly Row[]; onDone: () => void }) {
  return (
    <ul className={styles.list}>
      {sagas.map((saga) => (
        <li key={saga.id} className={styles.saga}>
          <div className={styles.head}>
            <h3>
              <SagaName saga={saga} />
            </h3>
            <StateBadge state={saga.state} />
          </div>
          <p>{saga.nextAction ?? "Nothing was heard of it for too long."}</p>
          <p className={styles.soft}>
            {saga.waitingFor.length > 0 && <>Waiting for {saga.waitingFor.join(" or ")}. </>}
            Last heard <Moment at={saga.lastFactAt} />
            {saga.deadline && (
              <>
                , deadline <Moment at={saga.deadline} />
              </>
            )}
          </p>
          <SagaActions saga={saga} onDone={onDone} />
        </li>
      ))}
    </ul>
  );
}
