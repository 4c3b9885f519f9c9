import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";

import { Browse } from "./browse/Browse";
import { browseSearch } from "./browse/search";
import { Failed, Missing, Shell } from "./shell/Shell";

// The first page comes with the first load; every other with its first visit.
const root = createRootRoute({ component: Shell, notFoundComponent: Missing, errorComponent: Failed });

const browse = createRoute({ getParentRoute: () => root, path: "/", validateSearch: browseSearch, component: Browse });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search): { back?: string } => (typeof search.back === "string" ? { back: search.back } : {}),
  component: lazyRouteComponent(() => import("./account/SignIn"), "SignIn"),
});

export const router = createRouter({
  routeTree: root.addChildren([browse, signIn]),
  defaultPreload: "intent",
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
