import { pick, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { useEffect } from "react";

import { Button } from "../../shared/ui";
import { useLoaded } from "../loaded";
import { stepOf, steps } from "./steps";
import styles from "./Tour.module.css";

/** What the present tab is for, and the way to those before and after it, once the editors can show them. */
export function Tour() {
  const { tabs, activeTabIndex, queryEditor, variableEditor } = useGraphiQL(
    pick("tabs", "activeTabIndex", "queryEditor", "variableEditor"),
  );
  const { addTab, changeTab, run } = useGraphiQLActions();
  const loaded = useLoaded();
  const at = stepOf(tabs[activeTabIndex]?.query ?? null);
  const step = steps[at];

  useEffect(() => {
    document.getElementById(`graphiql-session-tab-${activeTabIndex}`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [activeTabIndex]);

  function open(index: number) {
    const tab = tabs.findIndex(({ query }) => stepOf(query) === index);
    if (tab >= 0) {
      changeTab(tab);
      return;
    }
    // It was closed, or changed into something else.
    addTab();
    queryEditor?.setValue(steps[index]?.query ?? "");
    variableEditor?.setValue(steps[index]?.variables ?? "");
  }

  return (
    <section className={styles.tour} aria-labelledby="tour">
      <p className={styles.count}>{step ? `Step ${at + 1} of ${steps.length}` : "A tab of your own"}</p>
      <h2 id="tour">{step?.title ?? "Anything you like"}</h2>
      <p aria-live="polite">
        {step?.about ??
          "The explorer, third in the bar at the left, builds operations by ticking fields. {{token}}, {{sku}}, {{order}} and {{key}} are filled in here too."}
      </p>
      <div className={styles.ways}>
        <Button tone="main" busy={!loaded} onClick={() => void run()}>
          Run
        </Button>
        {step && at > 0 && (
          <Button busy={!loaded} onClick={() => open(at - 1)}>
            Back
          </Button>
        )}
        {at < steps.length - 1 && (
          <Button busy={!loaded} onClick={() => open(at + 1)}>
            {step ? "Next" : "To the first step"}
          </Button>
        )}
      </div>
      <p className={styles.count} role="status">
        {!loaded && "The editor is being loaded…"}
      </p>
      <details className={styles.all}>
        <summary>All steps</summary>
        <ol>
          {steps.map(({ title }, index) => (
            <li key={title}>
              <button
                type="button"
                className={styles.step}
                aria-current={index === at ? "step" : undefined}
                aria-disabled={!loaded || undefined}
                onClick={() => loaded && open(index)}
              >
                {title}
              </button>
            </li>
          ))}
        </ol>
      </details>
    </section>
  );
}
