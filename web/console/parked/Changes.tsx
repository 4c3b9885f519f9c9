import { unseenClass } from "../../shared/ui";
import { brief, isSame, type Line } from "./diff";
import styles from "./Parked.module.css";

const signs = { same: " ", gone: "−", new: "+", gap: "⋯" };
const words = { same: "", gone: "Removed: ", new: "Added: " };

/** What was changed of a text, line by line. */
export function Changes({ lines }: { lines: readonly Line[] }) {
  return (
    <div className={styles.changes}>
      <h3>Changes</h3>
      {isSame(lines) ? (
        <p className={styles.soft}>Nothing is changed yet.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it with the arrow keys
        <section aria-label="Changes, line by line" tabIndex={0} className={styles.diff}>
          {brief(lines).map((line, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is nothing but its place
            <div key={at} className={styles.line} data-sort={line.sort}>
              <span aria-hidden="true">{signs[line.sort]}</span>
              {line.sort === "gap" ? (
                `${line.count} lines that stay`
              ) : (
                <code>
                  <span className={unseenClass}>{words[line.sort]}</span>
                  {line.text}
                </code>
              )}
            </div>
          ))}
        </section>
      )}
    </div>
  );
}
