import { statSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";

import { place, rest, signIn } from "../api.ts";
import { tracker } from "../tracker.ts";
import { expect, test } from "../visit.ts";

/** What a picture may weigh, in bytes. */
const most = 200_000;

/** Takes the picture of what is in the window. */
async function shoot(page: Page, name: string) {
  const path = join(process.env.SCREENSHOTS ?? "", `${name}.png`);
  await page.waitForLoadState("networkidle");
  await page.screenshot({ path, animations: "disabled", caret: "hide" });
  expect(statSync(path).size, `the weight of ${name}.png`).toBeLessThan(most);
}

test.describe(() => {
  test.use({ as: "ada" });

  test("the storefront", async ({ page }) => {
    await page.goto("/");
    await expect(page.getByRole("heading", { level: 2 }).first()).toBeVisible();
    await shoot(page, "storefront");
  });

  test("an order that is being undone", async ({ page, session }) => {
    // Nobody delivers there, and the bank takes nothing back.
    const order = await place(session, { sku: "LMP-LNT-03", quantity: 2, card: "pm_card_refundFail", postalCode: "00000" });
    await page.goto(`/orders/${order}`);
    await expect(tracker(page).headline("The carrier can't deliver there")).toBeVisible();
    await expect(page.getByText(/We are returning/)).toBeVisible();
    await shoot(page, "tracker");
  });
});

test.describe(() => {
  test.use({ as: "olga" });

  test("a saga", async ({ page }) => {
    const ada = await signIn("ada");
    const order = await place(ada, { sku: "LMP-LNT-03", postalCode: "00000" });
    await rest(ada, order);
    await page.goto(`/console/sagas/${order}`);
    await expect(page.getByRole("status").filter({ hasText: "Undone" })).toBeVisible();
    await expect(page.getByText("order settled")).toBeVisible();
    await page.getByRole("heading", { name: "What happened" }).evaluate((heading) => heading.scrollIntoView());
    await shoot(page, "saga");
  });
});

test.describe(() => {
  test.use({ as: "ada" });

  test("the playground, with the saga that an order has set off", async ({ page }) => {
    await page.setViewportSize({ width: 1200, height: 720 });
    await page.goto("/playground");
    await expect(page.locator(".graphiql-query-editor")).toContainText("SignIn");
    await page.getByText("All steps").click();
    await page.getByRole("button", { name: "Place an order" }).click();
    await page.getByText("All steps").click();
    await expect(page.locator(".graphiql-query-editor")).toContainText("PlaceOrder");
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await expect(page.getByTestId("saga").getByText("Completed", { exact: true })).toBeVisible();
    await shoot(page, "playground");
  });
});
