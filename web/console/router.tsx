import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";

import { auditSearch } from "./audit/search";
import { Overview } from "./overview/Overview";
import { parkedSearch } from "./parked/search";
import { sagaSearch } from "./saga/search";
import { sagasSearch } from "./sagas/search";
import { Failed, Missing, Shell } from "./shell/Shell";

const root = createRootRoute({ component: Shell, notFoundComponent: Missing, errorComponent: Failed });

const overview = createRoute({ getParentRoute: () => root, path: "/", component: Overview });

const context = createRoute({
  getParentRoute: () => root,
  path: "/contexts/$name",
  component: lazyRouteComponent(() => import("./contexts/ContextPage"), "ContextPage"),
});

const sagas = createRoute({
  getParentRoute: () => root,
  path: "/sagas",
  validateSearch: sagasSearch,
  component: lazyRouteComponent(() => import("./sagas/Sagas"), "Sagas"),
});

const saga = createRoute({
  getParentRoute: () => root,
  path: "/sagas/$id",
  validateSearch: sagaSearch,
  component: lazyRouteComponent(() => import("./saga/SagaPage"), "SagaPage"),
});

const parked = createRoute({
  getParentRoute: () => root,
  path: "/parked",
  validateSearch: parkedSearch,
  component: lazyRouteComponent(() => import("./parked/Parked"), "Parked"),
});

const audit = createRoute({
  getParentRoute: () => root,
  path: "/audit",
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import("./audit/Audit"), "Audit"),
});

const choreography = createRoute({
  getParentRoute: () => root,
  path: "/choreography",
  component: lazyRouteComponent(() => import("./choreography/Choreography"), "Choreography"),
});

export const router = createRouter({
  basepath: "/console",
  routeTree: root.addChildren([overview, context, sagas, saga, parked, audit, choreography]),
  defaultPreload: "intent",
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
