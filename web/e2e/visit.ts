import { type Browser, type BrowserContext, test as base } from "@playwright/test";

import { type Person, type Session, signIn } from "./api.ts";

export { expect } from "@playwright/test";

/** What tests have beside what Playwright gives them. */
type Fixtures = {
  /** Whom the test's page belongs to; null for somebody who has not signed in. */
  as: Person | null;
  /** Who has signed in on the test's page. Only for tests that say who. */
  session: Session;
  /** What a console may say, as when a test takes away what a page asks. */
  forgiven: RegExp[];
  /** Opens a browser of somebody else's, who keeps to the same rules. */
  elsewhere: (who: Person | null) => Promise<BrowserContext>;
  guard: undefined;
  signedIn: Session | null;
};

/**
 * A test of pages. It fails when a page asks anybody but its own origin for anything, when a page's console tells of an error, when an
 * exception is not caught, and when something violates the Content-Security-Policy.
 */
export const test = base.extend<Fixtures>({
  as: [null, { option: true }],
  forgiven: [[], { option: true }],
  signedIn: async ({ as }, use) => use(as && (await signIn(as))),
  session: async ({ signedIn }, use) => {
    if (!signedIn) {
      throw new Error("the test does not say who has signed in");
    }
    await use(signedIn);
  },
  storageState: async ({ signedIn, baseURL }, use) => use(kept(signedIn, baseURL ?? "")),
  guard: [
    async ({ context, baseURL, forgiven }, use) => {
      const wrong = watch(context, baseURL ?? "");
      await use(undefined);
      complain(wrong, forgiven);
    },
    { auto: true },
  ],
  elsewhere: async ({ browser, baseURL, forgiven }, use) => {
    const opened: { context: BrowserContext; wrong: string[] }[] = [];
    await use(async (who) => {
      const context = await open(browser, who, baseURL ?? "");
      opened.push({ context, wrong: watch(context, baseURL ?? "") });
      return context;
    });
    for (const { context } of opened) {
      await context.close();
    }
    complain(
      opened.flatMap(({ wrong }) => wrong),
      forgiven,
    );
  },
});

async function open(browser: Browser, who: Person | null, baseURL: string): Promise<BrowserContext> {
  return browser.newContext({ baseURL, storageState: kept(who && (await signIn(who)), baseURL) });
}

/** What a browser has kept since somebody signed in. */
function kept(session: Session | null, origin: string) {
  const localStorage = session ? [{ name: "quadrille.session", value: JSON.stringify(session) }] : [];
  return { cookies: [], origins: [{ origin, localStorage }] };
}

/** Gathers what no page may do. */
function watch(context: BrowserContext, origin: string): string[] {
  const wrong: string[] = [];
  const home = new URL(origin).host;
  const asks = (url: string) => {
    const { protocol, host } = new URL(url);
    if (host !== home && protocol !== "data:" && protocol !== "blob:") {
      wrong.push(`asks somebody else: ${url}`);
    }
  };
  context.on("request", (request) => asks(request.url()));
  context.on("page", (page) => page.on("websocket", (socket) => asks(socket.url())));
  context.on("console", (message) => {
    if (message.type() === "error") {
      wrong.push(`console: ${message.text()} (${message.location().url})`);
    }
  });
  context.on("weberror", (thrown) => wrong.push(`not caught: ${thrown.error().stack ?? thrown.error()}`));
  return wrong;
}

function complain(wrong: string[], forgiven: RegExp[]) {
  const left = wrong.filter((what) => !forgiven.some((pattern) => pattern.test(what)));
  if (left.length > 0) {
    throw new Error(`the pages did what no page may:\n${[...new Set(left)].slice(0, 20).join("\n")}`);
  }
}
