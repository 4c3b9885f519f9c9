import { Button } from "../../../shared/ui";
import { useDialog } from "../../dialog/DialogHost";
import { ResolveReturn } from "./ResolveReturn";
import { ResolveStep } from "./ResolveStep";
import { RetryReturn } from "./RetryReturn";
import { RetryStep } from "./RetryStep";
import styles from "./SagaActions.module.css";
import { type Actionable, needy, type Stalled, stalled } from "./stalled";

/** What an operator can do about a saga that does not get on; nothing if it goes on by itself. `onDone` is called after each deed. */
export function SagaActions({ saga, onDone }: { saga: Actionable; onDone: () => void }) {
  const steps = stalled(saga);
  const returnId = needy(saga);
  if (steps.length === 0 && returnId === null) {
    return null;
  }
  return (
    <div className={styles.actions}>
      {steps.map((step) => (
        <StepActions key={step.step} step={step} onDone={onDone} />
      ))}
      {returnId !== null && <ReturnActions returnId={returnId} onDone={onDone} />}
    </div>
  );
}

function StepActions({ step, onDone }: { step: Stalled; onDone: () => void }) {
  const open = useDialog();
  return (
    <>
      <Button onClick={() => open((close) => <RetryStep step={step} onDone={onDone} onClose={close} />)}>
        Retry {step.step}
      </Button>
      <Button onClick={() => open((close) => <ResolveStep step={step} onDone={onDone} onClose={close} />)}>
        Resolve {step.step}…
      </Button>
    </>
  );
}

function ReturnActions({ returnId, onDone }: { returnId: string; onDone: () => void }) {
  const open = useDialog();
  return (
    <>
      <Button onClick={() => open((close) => <RetryReturn returnId={returnId} onDone={onDone} onClose={close} />)}>
        Retry return
      </Button>
      <Button onClick={() => open((close) => <ResolveReturn returnId={returnId} onDone={onDone} onClose={close} />)}>
        Resolve return…
      </Button>
    </>
  );
}
