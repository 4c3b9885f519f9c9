import type { Page } from "@playwright/test";

import { overhang, violations } from "../access.ts";
import { type Person, place, rest, sell, signIn } from "../api.ts";
import { goToReview, putInCart } from "../till.ts";
import { expect, test } from "../visit.ts";

/** A page of one of the apps. */
type Stop = {
  name: string;
  as?: Person;
  /** Its address, which may have to be made first. */
  at: string | (() => Promise<string>);
  /** What has to be done to be there. */
  before?: (page: Page) => Promise<void>;
};

/** An order that has been placed as Ada, and come to rest. */
async function order(wish: { card?: string; postalCode?: string } = {}): Promise<string> {
  const ada = await signIn("ada");
  const id = await place(ada, { sku: (await sell()).sku, ...wish });
  await rest(ada, id);
  return id;
}

/** An address, once something has been done. */
async function after(done: Promise<unknown>, address: string): Promise<string> {
  await done;
  return address;
}

const undeliverable = { postalCode: "00000" };

const stops: Stop[] = [
  { name: "the shop", at: "/" },
  { name: "a category", at: "/?category=Kitchen" },
  { name: "a search in vain", at: "/?q=there-is-no-such-thing" },
  { name: "a product", at: async () => `/products/${(await sell()).sku}` },
  { name: "a product that is not there", at: "/products/NOTHING" },
  { name: "an empty cart", at: "/cart" },
  { name: "a cart", at: "/cart", before: async (page) => putInCart(page, (await sell()).sku) },
  { name: "sign in", at: "/sign-in" },
  { name: "register", at: "/register" },
  { name: "the account", as: "newcomer", at: "/account" },
  { name: "the checkout for nobody", at: "/checkout", before: async (page) => putInCart(page, (await sell()).sku) },
  { name: "the checkout", as: "newcomer", at: "/checkout", before: async (page) => putInCart(page, (await sell()).sku) },
  { name: "the payment", as: "newcomer", at: "/checkout?step=payment", before: ready },
  { name: "the review", as: "newcomer", at: "/checkout?step=review", before: ready },
  { name: "no orders", as: "newcomer", at: "/orders" },
  { name: "the orders", as: "ada", at: () => after(order(), "/orders") },
  { name: "the orders for nobody", at: "/orders" },
  { name: "an order", as: "ada", at: async () => `/orders/${await order()}` },
  { name: "an order that was undone", as: "ada", at: async () => `/orders/${await order(undeliverable)}` },
  { name: "an order that is not there", as: "ada", at: "/orders/nothing" },
  { name: "a return", as: "ada", at: async () => `/orders/${await order()}/return` },
  { name: "a page that is not there", at: "/nowhere/at/all" },
  { name: "the console for nobody", at: "/console" },
  { name: "the console for a customer", as: "ada", at: "/console" },
  { name: "the console", as: "olga", at: "/console" },
  { name: "a context", as: "olga", at: "/console/contexts/billing" },
  { name: "a context that is not there", as: "olga", at: "/console/contexts/nothing" },
  { name: "the sagas", as: "olga", at: () => after(order(), "/console/sagas") },
  { name: "a saga", as: "olga", at: async () => `/console/sagas/${await order(undeliverable)}` },
  { name: "a saga that is not there", as: "olga", at: "/console/sagas/nothing" },
  { name: "parked messages", as: "olga", at: "/console/parked" },
  { name: "the audit log", as: "olga", at: "/console/audit" },
  { name: "the choreography", as: "olga", at: "/console/choreography" },
  { name: "a page of the console that is not there", as: "olga", at: "/console/nowhere" },
  { name: "the playground", at: "/playground" },
];

/** Fills a cart, and says all that the checkout asks. */
async function ready(page: Page) {
  await putInCart(page, (await sell()).sku);
  await goToReview(page);
}

/**
 * Waits until a page asks for nothing more, and ten seconds at most: of the two requests for a script that two workers load at once,
 * Chromium sometimes tells the end of one alone.
 */
async function settled(page: Page) {
  await Promise.race([page.waitForLoadState("networkidle"), page.waitForTimeout(10_000)]);
}

/** Every page can be used by everybody, on a telephone and on a desk, by day and by night. */
for (const { name, as, at, before } of stops) {
  test.describe(() => {
    test.use({ as: as ?? null, contextOptions: { reducedMotion: "reduce" } });

    test(`${name} can be used by everybody`, async ({ page }) => {
      // Some have a lot to look at, four times.
      test.setTimeout(120_000);
      await before?.(page);
      await page.goto(typeof at === "string" ? at : await at());
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await settled(page);
      await expect(page).toHaveTitle(/\S/);
      for (const width of [1280, 360]) {
        await page.setViewportSize({ width, height: 800 });
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme });
          expect.soft(await violations(page), `at ${width} px, ${colorScheme}`).toEqual([]);
        }
        expect.soft(await overhang(page), `what sticks out at ${width} px`).toBeLessThanOrEqual(0);
      }
    });
  });
}
