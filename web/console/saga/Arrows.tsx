import styles from "./Diagram.module.css";
import { fitted, type Place } from "./geometry";
import { type Arrow, isTrouble, type Layout } from "./layout";
import { deliveryWords } from "./words";

type Props = {
  drawn: Layout;
  place: Place;
  chosen: string | null;
  linked: Set<string> | null;
  fresh: ReadonlySet<string>;
  width: number;
};

/** The messages on their way. What each of them says is said by its mark; here is how it went. */
export function Arrows({ drawn, place, chosen, linked, fresh, width }: Props) {
  return (
    <svg aria-hidden="true">
      {drawn.arrows.map((arrow) => (
        <Way
          key={`${arrow.message} ${arrow.kind} ${arrow.to}`}
          arrow={arrow}
          place={place}
          width={width}
          linked={linked !== null && isLink(arrow, chosen, linked)}
          fresh={fresh.has(arrow.message)}
        />
      ))}
    </svg>
  );
}

/** Whether it is one of those by which linked messages led to each other, or what became of the chosen one. */
function isLink({ message, kind, leads }: Arrow, chosen: string | null, linked: ReadonlySet<string>): boolean {
  return linked.has(message) && (message === chosen || kind !== "fact" || leads.some((id) => linked.has(id)));
}

function Way({
  arrow,
  place,
  width,
  linked,
  fresh,
}: {
  arrow: Arrow;
  place: Place;
  width: number;
  linked: boolean;
  fresh: boolean;
}) {
  const { x1, x2, y2, turn, path } = wayOf(arrow, place);
  const stopped = isTrouble(arrow.state);
  const unheard = arrow.state === "UNKNOWN" && !arrow.implied;
  return (
    <g
      className={styles.arrow}
      data-manner={arrow.manner}
      data-kind={arrow.kind}
      data-state={arrow.implied ? "HANDLED" : arrow.state}
      data-linked={linked || undefined}
      data-fresh={fresh || undefined}
      data-from={x1 < x2 ? "left" : "right"}
    >
      <path className={styles.way} d={path} />
      <g transform={`translate(${x2} ${y2}) scale(${turn} 1)`}>
        {arrow.state === "PARKED" ? (
          <path className={styles.cross} d="M-10,-5 L0,5 M-10,5 L0,-5" />
        ) : stopped || unheard ? (
          <circle className={styles.open} cx={-5} r={4.5} />
        ) : (
          <Head arrow={arrow} />
        )}
      </g>
      {arrow.attempts > 1 && !stopped && (
        <text className={styles.attempts} x={x2 - turn * 16} y={y2 - 7} textAnchor="middle">
          ×{arrow.attempts}
        </text>
      )}
      {stopped && <Why arrow={arrow} x={x2} y={y2} place={place} width={width} />}
    </g>
  );
}

function Head({ arrow: { kind, manner } }: { arrow: Arrow }) {
  if (kind === "command") {
    return <path className={styles.head} d="M-7,-5 L0,0 L-7,5 Z M-14,-5 L-7,0 L-14,5 Z" />;
  }
  if (kind === "answer") {
    return <path className={styles.openHead} d="M-8,-5 L0,0 L-8,5" />;
  }
  if (manner === "undoes") {
    return <path className={styles.hollowHead} d="M0,0 L-6,-5 L-12,0 L-6,5 Z" />;
  }
  return (
    <path
      className={styles.head}
      d={manner === "fails" ? "M-3,-5 L0,-5 L0,5 L-3,5 Z M-11,-5 L-3,0 L-11,5 Z" : "M-9,-5 L0,0 L-9,5 Z"}
    />
  );
}

/** Why a message has not been handled yet. */
function Why({ arrow, x, y, place, width }: { arrow: Arrow; x: number; y: number; place: Place; width: number }) {
  const times = arrow.attempts > 1 ? ` ×${arrow.attempts}` : "";
  const text = `${arrow.state === null ? "" : deliveryWords[arrow.state]}${times}${arrow.error ? `: ${arrow.error}` : ""}`;
  const right = width - x >= x - place.gutter;
  return (
    <text className={styles.why} x={right ? x - 10 : x + 10} y={y + 19} textAnchor={right ? "start" : "end"}>
      {fitted(text, right ? width - x : x - place.gutter + 10)}
    </text>
  );
}

function wayOf({ from, to, y1, y2 }: Arrow, place: Place) {
  const turn = to < from ? -1 : 1;
  const x1 = place.x(from) + turn * 6;
  const x2 = place.x(to) - turn * 5;
  const end = x2 - turn * 9;
  if (from === to) {
    const x = place.x(from);
    return { turn: -1, x1, x2: x + 6, y1, y2, path: `M${x + 6},${y1} C${x + 34},${y1} ${x + 34},${y2} ${x + 14},${y2}` };
  }
  const half = (x1 + end) / 2;
  return { turn, x1, x2, y1, y2, path: `M${x1},${y1} C${half},${y1} ${half},${y2} ${end},${y2}` };
}
