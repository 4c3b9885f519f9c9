import { type Arrow, contexts, type Focus, isLit, type Sort } from "./arrows";
import { type Drawn, drawn, height, nodes, width } from "./layout";
import styles from "./Picture.module.css";

/** The contexts, and arrows from those who say something to those who react. What is looked at stands out. */
export function Picture({
  arrows,
  focus,
  chosen,
  onNear,
  onChoose,
}: {
  arrows: readonly Arrow[];
  focus: Focus;
  /** What stays looked at. */
  chosen: Focus;
  /** Called with what is looked at for a moment, and with null when no more. */
  onNear: (focus: Focus) => void;
  onChoose: (focus: Focus) => void;
}) {
  const places = nodes(contexts(arrows));
  const ways = drawn(arrows, places);
  const lit = new Set(ways.filter((way) => isLit(way, focus)).flatMap(({ from, to }) => [from, to]));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it with the arrow keys
    <section className={styles.frame} aria-label="Picture of the choreography; the table below says the same" tabIndex={0}>
      <div className={styles.picture} data-focus={focus !== null || undefined}>
        <svg viewBox={`0 0 ${width} ${height}`} className={styles.arrows} aria-hidden="true">
          <Heads />
          {/* What stands out is drawn last, above the rest. */}
          {[...ways]
            .sort((a, b) => Number(isLit(a, focus)) - Number(isLit(b, focus)))
            .map((way) => (
              <Way key={`${way.from} ${way.to} ${way.sort}`} way={way} isLit={isLit(way, focus)} />
            ))}
          {ways.map((way) => (
            <Rate key={`${way.from} ${way.to} ${way.sort}`} way={way} isLit={isLit(way, focus)} />
          ))}
        </svg>
        {places.map(({ name, x, y }) => {
          const isChosen = chosen !== null && "context" in chosen && chosen.context === name;
          return (
            <button
              key={name}
              type="button"
              className={styles.node}
              style={{ left: `${(x / width) * 100}%`, top: `${(y / height) * 100}%` }}
              aria-pressed={isChosen}
              data-lit={lit.has(name) || undefined}
              onClick={() => onChoose(isChosen ? null : { context: name })}
              onPointerEnter={() => onNear({ context: name })}
              onPointerLeave={() => onNear(null)}
              onFocus={() => onNear({ context: name })}
              onBlur={() => onNear(null)}
            >
              {name}
            </button>
          );
        })}
      </div>
    </section>
  );
}

function Way({ way, isLit }: { way: Drawn; isLit: boolean }) {
  return (
    <g className={styles.way} data-sort={way.sort} data-lit={isLit || undefined}>
      <path d={way.path} markerEnd={`url(#head-${way.sort})`} />
      {(way.lastMinute ?? 0) > 0 && (
        <circle r="4" style={{ offsetPath: `path("${way.path}")`, animationDuration: `${pace(way.lastMinute ?? 0)}s` }} />
      )}
    </g>
  );
}

/** How long a dot takes along its arrow: the more is said, the faster it goes. */
function pace(lastMinute: number): number {
  return Math.max(0.8, 4 - Math.log2(1 + lastMinute) / 2);
}

function Rate({ way, isLit }: { way: Drawn; isLit: boolean }) {
  if (way.lastMinute === null || way.lastMinute === 0) {
    return null;
  }
  const text = way.lastMinute.toLocaleString("en-GB");
  return (
    <g
      className={styles.rate}
      data-lit={isLit || undefined}
      data-sort={way.sort}
      transform={`translate(${way.label.x} ${way.label.y})`}
    >
      <rect x={-(text.length * 4 + 7)} y="-10" width={text.length * 8 + 14} height="20" rx="10" />
      <text textAnchor="middle" dominantBaseline="central">
        {text}
      </text>
    </g>
  );
}

const sorts: Sort[] = ["fact", "undo", "command"];

/** The arrows' heads: what undoes has an open one. */
function Heads() {
  return (
    <defs>
      {sorts.map((sort) => (
        <marker
          key={sort}
          id={`head-${sort}`}
          viewBox="0 0 10 10"
          refX="9"
          refY="5"
          markerWidth="11"
          markerHeight="11"
          markerUnits="userSpaceOnUse"
          orient="auto"
        >
          <path className={styles.tip} data-sort={sort} d={sort === "undo" ? "M1 1 L9 5 L1 9" : "M0 0 L10 5 L0 10 z"} />
        </marker>
      ))}
    </defs>
  );
}
