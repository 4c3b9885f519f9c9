import type { ReactNode } from "react";
import diagram from "./Diagram.module.css";
import styles from "./Legend.module.css";
import { span } from "./span";

/** How the diagram is to be read. */
export function Legend({ msPerSquare }: { msPerSquare: number }) {
  return (
    <details className={styles.legend}>
      <summary>How to read this: time runs down, one square is {span(msPerSquare)}</summary>
      <p>
        Waits are drawn to scale. Where one is too long for that, the paper is torn, and the margin says how long it was. Messages
        too close to each other to be read are spread. A bar on a lane is a context at work: from the arrival of a message to what
        came of it.
      </p>
      <ul className={styles.list}>
        <Sample text="A fact, and who reacts to it">
          <circle className={diagram.dot} cx={8} cy={10} r={5.5} />
          <g className={diagram.arrow} data-manner="does" data-kind="fact">
            <path className={diagram.way} d="M16,10 H56" />
            <path className={diagram.head} d="M55,5 L64,10 L55,15 Z" />
          </g>
        </Sample>
        <Sample text="A compensation: it undoes or calls off">
          <g className={diagram.mark} data-manner="undoes">
            <path className={diagram.dot} d="M8,3 L15,10 L8,17 L1,10 Z" />
          </g>
          <g className={diagram.arrow} data-manner="undoes" data-kind="fact">
            <path className={diagram.way} d="M16,10 H54" />
            <path className={diagram.hollowHead} d="M66,10 L60,5 L54,10 L60,15 Z" />
          </g>
        </Sample>
        <Sample text="A failure">
          <g className={diagram.mark} data-manner="fails">
            <path className={diagram.dot} d="M8,3 L15,16 L1,16 Z" />
          </g>
          <g className={diagram.arrow} data-manner="fails" data-kind="fact">
            <path className={diagram.way} d="M16,10 H54" />
            <path className={diagram.head} d="M54,5 L62,10 L54,15 Z M62,5 H65 V15 H62 Z" />
          </g>
        </Sample>
        <Sample text="A command to one context">
          <rect className={diagram.dot} x={2.5} y={4.5} width={11} height={11} rx={1.5} />
          <g className={diagram.arrow} data-manner="does" data-kind="command">
            <path className={diagram.way} d="M16,10 H52" />
            <path className={diagram.head} d="M57,5 L64,10 L57,15 Z M50,5 L57,10 L50,15 Z" />
          </g>
        </Sample>
        <Sample text="Its answer">
          <g className={diagram.arrow} data-manner="does" data-kind="answer">
            <path className={diagram.way} d="M10,10 H62" />
            <path className={diagram.openHead} d="M56,5 L64,10 L56,15" />
          </g>
        </Sample>
        <Sample text="Failed or behind, and will be tried">
          <g className={diagram.arrow} data-manner="does" data-kind="fact" data-state="RETRYING">
            <path className={diagram.way} d="M10,10 H54" />
            <circle className={diagram.open} cx={59} cy={10} r={4.5} />
          </g>
        </Sample>
        <Sample text="Parked until an operator sees to it">
          <g className={diagram.arrow} data-manner="does" data-kind="fact" data-state="PARKED">
            <path className={diagram.way} d="M10,10 H52" />
            <path className={diagram.cross} d="M54,5 L64,15 M54,15 L64,5" />
          </g>
        </Sample>
        <Sample text="Not there yet, or forgotten">
          <g className={diagram.arrow} data-manner="does" data-kind="fact" data-state="UNKNOWN">
            <path className={diagram.way} d="M10,10 H54" />
            <circle className={diagram.open} cx={59} cy={10} r={4.5} />
          </g>
        </Sample>
      </ul>
      <p>
        Commands and answers are between two contexts alone and are not recorded. They are drawn from what ordering made known of
        them; when exactly they arrived is not known.
      </p>
    </details>
  );
}

function Sample({ text, children }: { text: string; children: ReactNode }) {
  return (
    <li className={styles.sample}>
      <svg width={72} height={20} aria-hidden="true">
        {children}
      </svg>
      {text}
    </li>
  );
}
