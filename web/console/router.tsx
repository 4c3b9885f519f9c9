import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";

import { Overview } from "./overview/Overview";
import { Failed, Missing, Shell } from "./shell/Shell";

const root = createRootRoute({ component: Shell, notFoundComponent: Missing, errorComponent: Failed });

const overview = createRoute({ getParentRoute: () => root, path: "/", component: Overview });

export const router = createRouter({
  basepath: "/console",
  routeTree: root.addChildren([overview]),
  defaultPreload: "intent",
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
