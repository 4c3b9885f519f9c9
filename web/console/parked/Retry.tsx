import { Button } from "../../shared/ui";
import { CloseButton, Decide, Dialog } from "../dialog/Dialog";
import { Result } from "./Result";
import { useRetry, type Which } from "./retry";

/** Has messages tried again, once that is confirmed, and before that tells on demand what it would do. */
export function Retry({
  what,
  which,
  nameOf,
  onDone,
  onClose,
}: {
  /** All of them, in words: 3 messages. */
  what: string;
  which: Which;
  nameOf: (id: string) => string;
  onDone: () => void;
  onClose: () => void;
}) {
  const { retry, busy, result, troubles, isDone } = useRetry(onDone);
  return (
    <Dialog title={`Retry ${what}`} onClose={onClose}>
      {!isDone && (
        <p>
          Each is tried again after those before it about the same thing; those behind it go on by themselves when it is handled.
          What fails again stays parked, with its new error.
        </p>
      )}
      <Result result={result} troubles={troubles} nameOf={nameOf} />
      <Decide>
        <CloseButton>{isDone ? "Close" : "Cancel"}</CloseButton>
        {!isDone && (
          <>
            <Button busy={busy} onClick={() => retry(which, true)}>
              Dry run
            </Button>
            <Button tone="main" busy={busy} onClick={() => retry(which, false)}>
              {busy ? "Just a moment…" : "Retry now"}
            </Button>
          </>
        )}
      </Decide>
    </Dialog>
  );
}
