import { type RefObject, useEffect, useMemo, useRef, useState } from "react";

import { Arrows } from "./Arrows";
import { Cuts, Lines } from "./Cuts";
import styles from "./Diagram.module.css";
import { placed } from "./geometry";
import type { Layout } from "./layout";
import { Marks } from "./Marks";
import { moveFocus, useReveal } from "./moving";
import { Paper } from "./Paper";
import { chain, type Message } from "./story";

/** What of a story is shown, and how it is chosen. */
export type Choice = {
  messages: readonly Message[];
  /** The message that is looked at closely. */
  chosen: string | null;
  choose: (id: string | null) => void;
  /** Messages that have come just now. */
  fresh: ReadonlySet<string>;
};

/** A story as a diagram: a lane for each context, time downwards, an arrow for each message to each context that reacts to it. */
export function Diagram({ messages, chosen, choose, fresh, drawn, away }: Choice & { drawn: Layout; away: ReadonlySet<string> }) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const place = useMemo(() => placed(width, drawn.lanes.length), [width, drawn.lanes.length]);
  const linked = useMemo(() => (chosen === null ? null : chain(messages, chosen)), [messages, chosen]);
  const ids = useMemo(() => messages.map(({ id }) => id), [messages]);
  const [focused, setFocused] = useState<string | null>(null);
  const entry = [focused, chosen].find((id) => id !== null && ids.includes(id)) ?? ids[0] ?? null;
  const begin = messages[0]?.at ?? 0;
  useReveal(box, chosen);

  return (
    <div className={styles.diagram} ref={box}>
      <div className={styles.lanes} style={{ paddingInlineStart: place.gutter }}>
        {drawn.lanes.map((lane) => (
          <div key={lane} className={styles.lane} data-away={away.has(lane) || undefined}>
            {lane}
            {away.has(lane) && <span className={styles.away}>away</span>}
          </div>
        ))}
      </div>
      <svg
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: no element of HTML can hold arrows
        role="listbox"
        aria-label="Messages, in the order in which they happened"
        className={styles.svg}
        width={width}
        height={drawn.height}
        data-choosing={chosen !== null || undefined}
        onKeyDown={(event) => {
          const to = moveFocus(event, ids, entry);
          if (to !== null && chosen !== null) {
            choose(to);
          }
        }}
      >
        <Paper drawn={drawn} place={place} width={width} />
        <Cuts drawn={drawn} place={place} width={width} />
        <Arrows drawn={drawn} place={place} chosen={chosen} linked={linked} fresh={fresh} width={width} />
        <Lines drawn={drawn} place={place} width={width} />
        <Marks
          drawn={drawn}
          place={place}
          width={width}
          begin={begin}
          chosen={chosen}
          linked={linked}
          fresh={fresh}
          entry={entry}
          onFocus={setFocused}
          onChoose={choose}
        />
      </svg>
    </div>
  );
}

function useWidth(box: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(720);
  useEffect(() => {
    if (box.current === null) {
      return;
    }
    const watch = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 720)));
    watch.observe(box.current);
    return () => watch.disconnect();
  }, [box]);
  return width;
}
