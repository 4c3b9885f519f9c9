import { useNow } from "../../shared/moment";
import { span } from "./span";

const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

/** How long there is until a moment, counting, or for how long it is over. */
export function Deadline({ at }: { at: string }) {
  const left = Math.floor((Date.parse(at) - useNow()) / 1000) * 1000;
  return (
    <time dateTime={at}>
      {left >= 0 ? `${span(left)} left` : `${span(-left)} over`} ({clock.format(Date.parse(at))})
    </time>
  );
}
