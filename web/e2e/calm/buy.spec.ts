import { ordersOf, sell, uuidOf } from "../api.ts";
import { ledger } from "../stack.ts";
import { goToReview, orderOn, placeTheOrder, putInCart } from "../till.ts";
import { tracker } from "../tracker.ts";
import { expect, test } from "../visit.ts";

test("somebody new buys, and watches it become fulfilled", async ({ page }) => {
  const { sku, name } = await sell({ price: "12.40" });
  await page.goto(`/?q=${sku}`);
  await page.getByRole("link", { name }).click();
  await page.getByLabel("Quantity").fill("2");
  await page.getByRole("button", { name: "Add to cart" }).click();
  await page.getByRole("link", { name: /^Cart/ }).click();
  await page.getByRole("link", { name: "Go to checkout" }).click();
  // Nobody has signed in yet.
  await page.getByRole("link", { name: "Make an account" }).click();
  await page.getByLabel("Your name").fill("Nell Newcomer");
  await page.getByLabel("E-mail address").fill(`${sku.toLowerCase()}@quadrille.test`);
  await page.getByLabel("Password").fill("a long enough password");
  await page.getByRole("button", { name: "Make an account" }).click();
  await expect(page).toHaveURL(/\/checkout/);
  await goToReview(page);
  await expect(page.getByText(`2 × ${name}`)).toBeVisible();
  await expect(page.getByText("£24.80").first()).toBeVisible();
  await placeTheOrder(page).click();
  const order = await orderOn(page);
  const { headline, station } = tracker(page);
  await expect(headline("Delivered")).toBeVisible();
  await expect(station("paid")).toHaveAttribute("data-state", "done");
  await expect(page.getByText("£24.80 was charged to your card.")).toBeVisible();
  expect((await ledger(uuidOf(order))).map(({ kind, amount }) => [kind, amount])).toEqual([["charge", 2480]]);
  // The cart is empty.
  await page.goto("/cart");
  await expect(page.getByText("There is nothing in it.")).toBeVisible();
});

test.describe(() => {
  test.use({ as: "newcomer" });

  test("a cart outlives a reload, and is the same in another tab", async ({ page, context }) => {
    const { sku, name } = await sell();
    await putInCart(page, sku, 3);
    await page.reload();
    const tab = await context.newPage();
    await tab.goto("/cart");
    await expect(tab.getByLabel(`Quantity of ${name}`)).toHaveValue("3");
    await tab.getByLabel(`Quantity of ${name}`).fill("4");
    await page.goto("/cart");
    await expect(page.getByLabel(`Quantity of ${name}`)).toHaveValue("4");
  });

  test("an order is placed by keyboard alone", async ({ page, session }) => {
    const { sku } = await sell();
    await page.goto(`/products/${sku}`);
    await expect(page.getByRole("button", { name: "Add to cart" })).toBeVisible();
    const on = async (role: "link" | "button" | "textbox" | "radio" | "spinbutton", name: string | RegExp) => {
      const target = page.getByRole(role, { name }).first();
      for (let tries = 0; tries < 60; tries++) {
        await page.keyboard.press("Tab");
        if (await target.evaluate((element) => element === document.activeElement)) {
          // What has the focus shows it.
          const seen = await target.evaluate((element) => {
            const box = element.matches("input[type=radio]") ? (element.closest("label") ?? element) : element;
            return [element, box].some(
              (one) => getComputedStyle(one).outlineStyle !== "none" || getComputedStyle(one).boxShadow !== "none",
            );
          });
          expect(seen, `the focus on ${name} is seen`).toBe(true);
          return;
        }
      }
      throw new Error(`the keyboard does not lead to the ${role} ${name}`);
    };
    await on("button", "Add to cart");
    await page.keyboard.press("Enter");
    await on("link", "cart");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/cart$/);
    await on("link", "Go to checkout");
    await page.keyboard.press("Enter");
    await expect(page.getByLabel("Street and number")).toBeVisible();
    await on("textbox", "Street and number");
    await page.keyboard.type("12 St James's Square");
    await on("textbox", "Postal code");
    await page.keyboard.type("SW1Y 4JH");
    await on("textbox", "Town");
    await page.keyboard.type("London");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("radio", { name: "pm_card_visa" })).toBeVisible();
    await on("radio", "pm_card_visa");
    await page.keyboard.press("Space");
    await page.keyboard.press("Enter");
    await on("button", "Place the order");
    await page.keyboard.press("Enter");
    const order = await orderOn(page);
    await expect(tracker(page).headline("Delivered")).toBeVisible();
    expect(await ordersOf(session)).toEqual([order]);
  });

  test("a double click orders and charges once", async ({ page, session }) => {
    await putInCart(page, (await sell()).sku);
    await goToReview(page);
    await placeTheOrder(page).dblclick();
    const order = await orderOn(page);
    await expect(tracker(page).headline("Delivered")).toBeVisible();
    expect(await ordersOf(session)).toEqual([order]);
    expect(await ledger(uuidOf(order))).toHaveLength(1);
  });

  test.describe(() => {
    // The answer is thrown away.
    test.use({ forgiven: [/ERR_FAILED/] });

    test("an order whose answer is lost is charged once, also after a reload", async ({ page, session }) => {
      await putInCart(page, (await sell()).sku);
      await goToReview(page);
      await page.route("**/graphql", async (route) => {
        if (route.request().postDataJSON()?.operationName !== "PlaceOrder") {
          return route.fallback();
        }
        await route.fetch();
        await route.abort();
      });
      await placeTheOrder(page).click();
      await expect(page.getByText("We do not know yet whether your order arrived.")).toBeVisible();
      expect(await ordersOf(session)).toHaveLength(1);
      await page.unroute("**/graphql");
      await page.reload();
      await expect(page.getByText("We do not know yet whether your order arrived.")).toBeVisible();
      await page.getByRole("button", { name: "Try again" }).click();
      const order = await orderOn(page);
      await expect(tracker(page).headline("Delivered")).toBeVisible();
      expect(await ordersOf(session)).toEqual([order]);
      expect(await ledger(uuidOf(order))).toHaveLength(1);
    });
  });

  test("what is short when it is ordered is told before anything is placed", async ({ page, session }) => {
    const { sku, name } = await sell({ pieces: 2 });
    await putInCart(page, sku, 3);
    await goToReview(page);
    await placeTheOrder(page).click();
    await expect(page.getByRole("alert")).toContainText(name);
    expect(await ordersOf(session)).toEqual([]);
    await page.getByRole("button", { name: "Take 2" }).click();
    await placeTheOrder(page).click();
    await orderOn(page);
    await expect(tracker(page).headline("Delivered")).toBeVisible();
  });

  for (const { what, card, postalCode, headline } of [
    { what: "declined", card: "pm_card_chargeDeclined", headline: "Your card was declined" },
    { what: "undeliverable", postalCode: "00000", headline: "The carrier can't deliver there" },
  ]) {
    test(`an order that is ${what} is told where it was placed`, async ({ page }) => {
      await putInCart(page, (await sell()).sku);
      await goToReview(page, { ...(card && { card }), ...(postalCode && { postalCode }) });
      await placeTheOrder(page).click();
      await orderOn(page);
      await expect(tracker(page).headline(headline)).toBeVisible();
    });
  }
});
