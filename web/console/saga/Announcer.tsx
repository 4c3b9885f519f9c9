import { unseenClass } from "../../shared/ui";
import type { Message } from "./story";

/** Says to those who do not see it what has just come. */
export function Announcer({ messages, fresh }: { messages: readonly Message[]; fresh: ReadonlySet<string> }) {
  const last = messages.findLast(({ id }) => fresh.has(id));
  return (
    <p role="status" className={unseenClass}>
      {last && `New: ${last.fact.summary}`}
    </p>
  );
}
