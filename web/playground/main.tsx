import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./playground.css";

import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";

import { headers, tabs } from "./tabs";

const api = new URL("/graphql", window.location.href);
const socket = new URL(api);
socket.protocol = api.protocol === "https:" ? "wss:" : "ws:";

// Subscriptions go over graphql-transport-ws, with the tab's headers as the connection's payload.
const fetcher = createGraphiQLFetcher({
  url: api.href,
  subscriptionUrl: socket.href,
  enableIncrementalDelivery: false,
});

const place = document.getElementById("playground");
if (!place) {
  throw new Error("there is no place for the playground");
}
// GraphiQL keeps its tabs from one visit to the next; on the first it takes only the query from the first tab by itself.
const first = localStorage.getItem("graphiql:tabState") === null ? tabs[0] : undefined;
createRoot(place).render(
  <GraphiQL
    fetcher={fetcher}
    defaultTabs={tabs}
    defaultHeaders={headers}
    {...(first && { initialVariables: first.variables })}
    defaultEditorToolsVisibility="variables"
    shouldPersistHeaders={false}
  />,
);
