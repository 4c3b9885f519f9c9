import { Link } from "@tanstack/react-router";

import type { Row } from "./rows";
import styles from "./SagaName.module.css";
import { kindWords } from "./state";

/** What a saga is about, and the way to its page. */
export function SagaName({ saga }: { saga: Pick<Row, "id" | "kind" | "subject"> }) {
  const number = saga.subject?.__typename === "Order" ? saga.subject.number : saga.subject?.order?.number;
  return (
    <span className={styles.name}>
      <Link to="/sagas/$id" params={{ id: saga.id }}>
        {saga.kind === "RETURN" && "Return of "}
        {number ?? `${kindWords[saga.kind]} …${saga.id.slice(-6)}`}
      </Link>
    </span>
  );
}
