import { Moment } from "../../shared/moment";
import { FactName } from "../facts/FactName";
import { type Column, Table } from "../table/Table";
import type { Row } from "./rows";
import { SagaName } from "./SagaName";
import styles from "./SagaTable.module.css";
import { StateBadge } from "./StateBadge";
import { needsAttention, stateWords } from "./state";

const none = <span className={styles.none}>–</span>;

const columns: Column<Row>[] = [
  {
    name: "Saga",
    by: ({ subject, id }) => (subject?.__typename === "Order" ? subject.number : subject?.order?.number) ?? id,
    show: (saga) => (
      <>
        <SagaName saga={saga} />
        <span className={styles.began}>
          began <Moment at={saga.startedAt} />
        </span>
      </>
    ),
  },
  { name: "State", by: ({ state }) => stateWords[state], show: ({ state }) => <StateBadge state={state} /> },
  {
    name: "Waiting for",
    by: ({ waitingFor }) => waitingFor.join(" ") || null,
    show: ({ waitingFor }) =>
      waitingFor.length === 0 ? (
        none
      ) : (
        <ul className={styles.facts}>
          {waitingFor.map((type) => (
            <li key={type}>
              <FactName type={type} />
            </li>
          ))}
        </ul>
      ),
  },
  {
    name: "Next",
    by: ({ nextAction }) => nextAction,
    show: ({ nextAction }) => (nextAction ? <span className={styles.next}>{nextAction}</span> : none),
  },
  {
    name: "Deadline",
    by: ({ deadline }) => (deadline ? Date.parse(deadline) : null),
    show: ({ deadline }) => (deadline ? <Moment at={deadline} /> : none),
  },
  { name: "Last heard", by: ({ lastFactAt }) => Date.parse(lastFactAt), show: ({ lastFactAt }) => <Moment at={lastFactAt} /> },
];

/** Sagas, one a row. */
export function SagaTable({ sagas }: { sagas: readonly Row[] }) {
  return (
    <Table caption="Sagas" columns={columns} rows={sagas} keyOf={({ id }) => id} isLit={({ state }) => needsAttention(state)} />
  );
}
