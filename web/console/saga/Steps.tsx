import { useNow } from "../../shared/moment";
import { Badge } from "../../shared/ui";
import type { SagaQuery } from "../gql/graphql";
import styles from "./Steps.module.css";
import { span } from "./span";
import { stepTones, stepWords } from "./words";

type Step = NonNullable<SagaQuery["saga"]>["steps"][number];

/** What is to be done, by whom, how far it is and how long it took. */
export function Steps({ steps }: { steps: readonly Step[] }) {
  return (
    <ol className={styles.steps}>
      {steps.map((step) => (
        <li key={`${step.context} ${step.name}`} className={styles.step} data-state={step.state}>
          <span className={styles.name}>{step.name}</span>
          <span className={styles.context}>{step.context}</span>
          <span className={styles.how}>
            <Badge tone={stepTones[step.state]}>{stepWords[step.state]}</Badge>
            <Took step={step} />
          </span>
        </li>
      ))}
    </ol>
  );
}

function Took({ step: { state, startedAt, finishedAt } }: { step: Step }) {
  if (state === "SKIPPED" || !startedAt) {
    return null;
  }
  if (finishedAt) {
    const took = Date.parse(finishedAt) - Date.parse(startedAt);
    return took > 0 && <span className={styles.took}>{span(took)}</span>; // what began the saga took no time
  }
  return <Since at={startedAt} />;
}

function Since({ at }: { at: string }) {
  return <span className={styles.took}>for {span(Math.round((useNow() - Date.parse(at)) / 1000) * 1000)}</span>;
}
