import styles from "./Diagram.module.css";
import { type Place, sideFor } from "./geometry";
import type { Layout, Row } from "./layout";
import { offset, span } from "./span";
import type { Message } from "./story";
import { spoken } from "./words";

type Props = {
  drawn: Layout;
  place: Place;
  width: number;
  /** When the first of all messages happened. */
  begin: number;
  chosen: string | null;
  linked: Set<string> | null;
  fresh: ReadonlySet<string>;
  /** The one that Tab leads to. */
  entry: string | null;
  onFocus: (id: string) => void;
  onChoose: (id: string | null) => void;
};

/** Where messages are published: each with its name, to be chosen. */
export function Marks({ drawn, entry, chosen, linked, fresh, ...rest }: Props) {
  return drawn.rows.map((row) => (
    <Mark
      key={row.message.id}
      row={row}
      reachable={row.message.id === entry}
      chosen={row.message.id === chosen}
      linked={linked?.has(row.message.id) ?? false}
      fresh={fresh.has(row.message.id)}
      first={row === drawn.rows[0]}
      {...rest}
    />
  ));
}

function Mark({
  row: { message, lane, y },
  place,
  width,
  begin,
  reachable,
  chosen,
  linked,
  fresh,
  first,
  onFocus,
  onChoose,
}: Omit<Props, "drawn" | "entry" | "chosen" | "linked" | "fresh"> & {
  row: Row;
  reachable: boolean;
  chosen: boolean;
  linked: boolean;
  fresh: boolean;
  first: boolean;
}) {
  const when = first ? "at the start" : `after ${span(message.at - begin)}`;
  const x = lane === null ? place.gutter : place.x(lane);
  const side = sideFor(message.name, x, width);
  return (
    <g
      role="option"
      tabIndex={reachable ? 0 : -1}
      aria-selected={chosen}
      aria-label={spoken(message, when)}
      className={styles.mark}
      data-message={message.id}
      data-manner={message.manner}
      data-linked={linked || undefined}
      data-fresh={fresh || undefined}
      onFocus={() => onFocus(message.id)}
      onClick={() => onChoose(message.id)}
      onKeyDown={(event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          onChoose(message.id);
        } else if (event.key === "Escape" && chosen) {
          onChoose(null);
        }
      }}
    >
      <rect className={styles.area} x={1} y={y - 24} width={Math.max(0, width - 2)} height={38} rx={6} />
      <text className={styles.when} x={place.gutter - 14} y={y + 4} textAnchor="end">
        {first ? clock.format(message.at) : offset(message.at - begin)}
      </text>
      {lane === null ? (
        <path className={styles.notice} d={`M${place.gutter},${y} H${width - 8}`} />
      ) : (
        <g transform={`translate(${x} ${y})`}>
          <Dot message={message} />
        </g>
      )}
      <text className={styles.name} x={side === "start" ? x + 10 : x - 10} y={y - 9} textAnchor={side}>
        {message.name}
      </text>
    </g>
  );
}

const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

/** What a message is, by its shape. */
function Dot({ message: { manner, dialogue } }: { message: Message }) {
  if (manner === "undoes") {
    return <path className={styles.dot} d="M0,-7 L7,0 L0,7 L-7,0 Z" />;
  }
  if (manner === "fails") {
    return <path className={styles.dot} d="M0,-7 L7,6 L-7,6 Z" />;
  }
  return dialogue?.kind === "command" ? (
    <rect className={styles.dot} x={-5.5} y={-5.5} width={11} height={11} rx={1.5} />
  ) : (
    <circle className={styles.dot} r={5.5} />
  );
}
