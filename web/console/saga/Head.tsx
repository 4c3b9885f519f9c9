import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Moment } from "../../shared/moment";
import { unseenClass } from "../../shared/ui";
import type { SagaQuery } from "../gql/graphql";
import { StateBadge } from "../sagas/StateBadge";
import { kindWords, stateTones, stateWords } from "../sagas/state";
import { Deadline } from "./Deadline";
import styles from "./Head.module.css";

export type Saga = NonNullable<SagaQuery["saga"]>;

/** What a saga is called: by its order's number, which those who telephone know. */
export function titleOf({ kind, subject }: Saga): string {
  const number = orderOf(subject)?.number;
  if (kind === "RETURN") {
    return number ? `Return of ${number}` : "A return";
  }
  return number ? `Order ${number}` : "An order";
}

function orderOf(subject: Saga["subject"]) {
  return subject?.__typename === "Return" ? subject.order : subject;
}

/** What is to be known of a saga at a glance. */
export function Head({ saga }: { saga: Saga }) {
  const { state, subject } = saga;
  const customer = orderOf(subject)?.customer;
  return (
    <div className={styles.head}>
      <div className={styles.title}>
        <h1>{titleOf(saga)}</h1>
        <span className={styles.state} data-tone={stateTones[state]} role="status">
          <span className={unseenClass}>{kindWords[saga.kind]} saga: </span>
          {stateWords[state]}
        </span>
      </div>
      {saga.nextAction && (
        <p className={styles.next}>
          <span className={styles.label}>Next</span> {saga.nextAction}
        </p>
      )}
      <dl className={styles.facts}>
        <Item label="Customer">{customer ? `${customer.name ?? "Not known"}` : "Not known at present"}</Item>
        <Item label="Started">
          <Moment at={saga.startedAt} />
        </Item>
        <Item label="Last fact">
          <Moment at={saga.lastFactAt} />
        </Item>
        {saga.deadline && (
          <Item label="Deadline">
            <Deadline at={saga.deadline} />
          </Item>
        )}
        {saga.waitingFor.length > 0 && (
          <Item label="Waiting for">
            <span className={styles.waiting}>
              {saga.waitingFor.map((fact) => (
                <code key={fact}>{fact}</code>
              ))}
            </span>
          </Item>
        )}
        <Kin subject={subject} />
      </dl>
    </div>
  );
}

function Item({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={styles.item}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The sagas that this one has to do with. */
function Kin({ subject }: { subject: Saga["subject"] }) {
  if (subject?.__typename === "Return") {
    const saga = subject.order?.saga;
    return (
      saga && (
        <Item label="Order">
          <Link to="/sagas/$id" params={{ id: saga.id }}>
            {subject.order?.number}
          </Link>{" "}
          <StateBadge state={saga.state} />
        </Item>
      )
    );
  }
  const returns = subject?.returns ?? [];
  return (
    returns.length > 0 && (
      <Item label={returns.length === 1 ? "Return" : "Returns"}>
        <ul>
          {returns.map(({ id, requestedAt, saga }) => (
            <li key={id}>
              <Link to="/sagas/$id" params={{ id: saga?.id ?? id }}>
                Requested <Moment at={requestedAt} />
              </Link>{" "}
              {saga && <StateBadge state={saga.state} />}
            </li>
          ))}
        </ul>
      </Item>
    )
  );
}
