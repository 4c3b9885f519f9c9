import { Link } from "@tanstack/react-router";

import { FactName } from "../facts/FactName";
import { type Fact, type Focus, type Sort, sortOf } from "./arrows";
import styles from "./Choreography.module.css";

type Choosing = { chosen: Focus; onNear: (focus: Focus) => void; onChoose: (focus: Focus) => void };

/** What the picture's lines mean, and what is said and heard by the context that is looked at. */
export function Details({ facts, ...choosing }: { facts: readonly Fact[] } & Choosing) {
  const { chosen } = choosing;
  return (
    <aside className={styles.details} aria-label="What is looked at">
      <Legend />
      {chosen === null && (
        <p className={styles.soft}>Choose a context to see what it says and what it reacts to. Numbers are of the last minute.</p>
      )}
      {chosen !== null && "context" in chosen && <OfContext name={chosen.context} facts={facts} {...choosing} />}
      {chosen !== null && "type" in chosen && <OfFact fact={facts.find(({ type }) => type === chosen.type)} {...choosing} />}
    </aside>
  );
}

function OfContext({ name, facts, ...choosing }: { name: string; facts: readonly Fact[] } & Choosing) {
  const says = facts.filter(({ context, consumers }) => context === name && consumers.length > 0);
  const hears = facts.filter(({ consumers }) => consumers.includes(name));
  return (
    <>
      <h2>{name}</h2>
      <p>
        <Link to="/contexts/$name" params={{ name }}>
          How it is at present
        </Link>
      </p>
      <Facts title="It says" facts={says} {...choosing} />
      <Facts title="It reacts to" facts={hears} {...choosing} />
    </>
  );
}

function Facts({ title, facts, onNear, onChoose }: { title: string; facts: readonly Fact[] } & Choosing) {
  if (facts.length === 0) {
    return null;
  }
  return (
    <>
      <h3>{title}</h3>
      <ul className={styles.facts}>
        {facts.map((fact) => {
          const focus = { type: fact.type };
          return (
            <li key={fact.type}>
              <button
                type="button"
                className={styles.fact}
                data-sort={sortOf(fact)}
                onClick={() => onChoose(focus)}
                onPointerEnter={() => onNear(focus)}
                onPointerLeave={() => onNear(null)}
                onFocus={() => onNear(focus)}
                onBlur={() => onNear(null)}
              >
                <FactName type={fact.type} />
                <span className={styles.soft}>{fact.lastMinute ?? ""}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </>
  );
}

function OfFact({ fact, onChoose }: { fact: Fact | undefined } & Choosing) {
  if (fact === undefined) {
    return null;
  }
  return (
    <>
      <h2>
        <FactName type={fact.type} />
      </h2>
      <p>
        {fact.context} says it; {fact.consumers.join(", ")} {fact.consumers.length === 1 ? "reacts" : "react"}.
        {typeof fact.lastMinute === "number" && ` ${fact.lastMinute.toLocaleString("en-GB")} within the last minute.`}
      </p>
      <p>
        <button type="button" className={styles.back} onClick={() => onChoose({ context: fact.context })}>
          All that {fact.context} says
        </button>
      </p>
    </>
  );
}

const meanings: Record<Sort, string> = {
  fact: "says what happened",
  undo: "says what undoes something",
  command: "asks for something",
};

function Legend() {
  return (
    <ul className={styles.legend}>
      {(Object.keys(meanings) as Sort[]).map((sort) => (
        <li key={sort} data-sort={sort}>
          <svg viewBox="0 0 44 10" aria-hidden="true">
            <path d="M1 5 H36" />
            <path className={styles.point} d={sort === "undo" ? "M35 1 L43 5 L35 9" : "M34 1 L43 5 L34 9 z"} />
          </svg>
          {meanings[sort]}
        </li>
      ))}
    </ul>
  );
}
