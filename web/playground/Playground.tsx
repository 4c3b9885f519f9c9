import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "@graphiql/react/style.css";
import "graphiql/graphiql.css";
import "./graphiql.css";

import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { pick, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { GraphiQL } from "graphiql";
import { useEffect, useLayoutEffect } from "react";

import { Button, Notice, SkipLink } from "../shared/ui";
import { explorer } from "./explorer/explorer";
import { fetcher } from "./fetcher";
import { FilledIn } from "./fill/FilledIn";
import { Identity } from "./identity/Identity";
import { useLoaded } from "./loaded";
import styles from "./Playground.module.css";
import { SagaPanel } from "./saga/SagaPanel";
import { type Known, useSchema } from "./schema/schema";
import { headers, steps } from "./tour/steps";
import { Tour } from "./tour/Tour";

const plugins = [HISTORY_PLUGIN, explorer];

const tabs = steps.map(({ query, variables }) => ({ query, variables, headers }));

// GraphiQL keeps its tabs from one visit to the next; on the first it takes only the query from the first tab by itself.
const first = localStorage.getItem("graphiql:tabState") === null ? steps[0] : undefined;

// How much higher the operation is than its variables, which say a lot here; GraphiQL's own is 3.
const flex = "graphiql:secondaryEditorFlex";
localStorage.setItem(flex, localStorage.getItem(flex) ?? "1");

/** GraphiQL, with what an operation of this shop needs, and what it sets off, beside it. */
export function Playground() {
  const [known, again] = useSchema();
  return (
    <div className={styles.page}>
      <SkipLink />
      <header className={styles.head}>
        <h1>Quadrille playground</h1>
        <Identity />
        <nav className={styles.nav} aria-label="Elsewhere">
          <a href="/">Shop</a>
          <a href="/console">Console</a>
        </nav>
      </header>
      <main id="main" tabIndex={-1} className={styles.main}>
        <GraphiQL
          fetcher={fetcher}
          schema={known.kind === "told" ? known.schema : null}
          plugins={plugins}
          defaultTabs={tabs}
          defaultHeaders={headers}
          {...(first && { initialVariables: first.variables })}
          defaultEditorToolsVisibility="variables"
          shouldPersistHeaders={false}
        >
          <GraphiQL.Logo>{null}</GraphiQL.Logo>
          <aside className={styles.aside} aria-label="Beside the editor">
            <SameColours />
            <PlainTabs />
            <WaitingTabs />
            <SchemaNotice known={known} again={again} />
            <Tour />
            <FilledIn />
            <SagaPanel />
          </aside>
        </GraphiQL>
      </main>
    </div>
  );
}

const dark = window.matchMedia("(prefers-color-scheme: dark)");

/**
 * Has the rest of the page wear the colours that are chosen in GraphiQL's settings, and its editors those of the system when that changes,
 * which they look at only once by themselves.
 */
function SameColours() {
  const theme = useGraphiQL((state) => state.theme);
  const { setTheme } = useGraphiQLActions();
  useEffect(() => {
    if (theme) {
      document.documentElement.dataset.theme = theme;
      return;
    }
    delete document.documentElement.dataset.theme;
    const follow = () => setTheme(null);
    dark.addEventListener("change", follow);
    return () => dark.removeEventListener("change", follow);
  }, [theme, setTheme]);
  return null;
}

/**
 * Says of GraphiQL's tabs what they are: a list of buttons, each beside one that closes it. GraphiQL calls them tabs, which may not have
 * buttons in them.
 */
function PlainTabs() {
  const { tabs, activeTabIndex } = useGraphiQL(pick("tabs", "activeTabIndex"));
  useLayoutEffect(() => {
    document.querySelector(".graphiql-tabs")?.removeAttribute("role");
    document.getElementById("graphiql-session")?.setAttribute("role", "group");
    for (const [index] of tabs.entries()) {
      const button = document.getElementById(`graphiql-session-tab-${index}`);
      button?.setAttribute("aria-current", String(index === activeTabIndex));
      for (const name of ["role", "aria-selected"]) {
        button?.closest("li")?.removeAttribute(name);
      }
    }
  }, [tabs, activeTabIndex]);
  return null;
}

/** Has GraphiQL's tabs wait for its editors, which would show and send the first of them whichever is chosen before. */
function WaitingTabs() {
  const loaded = useLoaded();
  useLayoutEffect(() => {
    document.querySelector(".graphiql-session-header")?.toggleAttribute("inert", !loaded);
  }, [loaded]);
  return null;
}

function SchemaNotice({ known, again }: { known: Known; again: () => void }) {
  switch (known.kind) {
    case "untold":
      return (
        <Notice>
          This gateway does not tell its schema, as is usual in production. Everything can be run; there are just no suggestions,
          no explorer and no documentation.
        </Notice>
      );
    case "away":
      return (
        <Notice tone="undo">
          The gateway could not be asked for its schema, so that there are no suggestions and no documentation.
          <span>
            <Button onClick={again}>Ask again</Button>
          </span>
        </Notice>
      );
    default:
      return null;
  }
}
