import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";

import { Browse } from "./browse/Browse";
import { browseSearch } from "./browse/search";
import { Failed, Missing, Shell } from "./shell/Shell";

// The first page comes with the first load; every other with its first visit.
const root = createRootRoute({ component: Shell, notFoundComponent: Missing, errorComponent: Failed });

const browse = createRoute({ getParentRoute: () => root, path: "/", validateSearch: browseSearch, component: Browse });

const product = createRoute({
  getParentRoute: () => root,
  path: "/products/$sku",
  component: lazyRouteComponent(() => import("./product/Product"), "Product"),
});

const cart = createRoute({
  getParentRoute: () => root,
  path: "/cart",
  component: lazyRouteComponent(() => import("./cart/Cart"), "Cart"),
});

const checkout = createRoute({
  getParentRoute: () => root,
  path: "/checkout",
  validateSearch: ({ step }): { step?: "address" | "payment" | "review" } =>
    step === "address" || step === "payment" || step === "review" ? { step } : {},
  component: lazyRouteComponent(() => import("./checkout/Checkout"), "Checkout"),
});

/** Where to go back to. */
const withBack = ({ back }: Record<string, unknown>): { back?: string } => (typeof back === "string" ? { back } : {});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: withBack,
  component: lazyRouteComponent(() => import("./account/SignIn"), "SignIn"),
});

const register = createRoute({
  getParentRoute: () => root,
  path: "/register",
  validateSearch: withBack,
  component: lazyRouteComponent(() => import("./account/Register"), "Register"),
});

const account = createRoute({
  getParentRoute: () => root,
  path: "/account",
  component: lazyRouteComponent(() => import("./account/Account"), "Account"),
});

const orders = createRoute({
  getParentRoute: () => root,
  path: "/orders",
  validateSearch: (search): { after?: string } => (typeof search.after === "string" ? { after: search.after } : {}),
  component: lazyRouteComponent(() => import("./orders/Orders"), "Orders"),
});

const order = createRoute({
  getParentRoute: () => root,
  path: "/orders/$id",
  component: lazyRouteComponent(() => import("./orders/OrderPage"), "OrderPage"),
});

const goods = createRoute({
  getParentRoute: () => root,
  path: "/orders/$id/return",
  component: lazyRouteComponent(() => import("./returns/ReturnPage"), "ReturnPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([browse, product, cart, checkout, signIn, register, account, orders, order, goods]),
  // Within the shell: the rest of the shop goes on.
  defaultErrorComponent: Failed,
  defaultPreload: "intent",
  scrollRestoration: true,
  // Another page begins at its top at once; only within a page it glides.
  scrollRestorationBehavior: "instant",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
