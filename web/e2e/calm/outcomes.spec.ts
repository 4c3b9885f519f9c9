import { place, sell, uuidOf } from "../api.ts";
import { ledger } from "../stack.ts";
import { tracker } from "../tracker.ts";
import { expect, test } from "../visit.ts";

test.use({ as: "newcomer" });

test("a declined card is told, and costs nothing", async ({ page, session }) => {
  const order = await place(session, { sku: (await sell()).sku, card: "pm_card_chargeDeclined" });
  await page.goto(`/orders/${order}`);
  await expect(tracker(page).headline("Your card was declined")).toBeVisible();
  await expect(
    page.getByText("Your card was declined, so nothing was charged and your items went back on the shelf."),
  ).toBeVisible();
  expect(await ledger(uuidOf(order))).toEqual([]);
});

test("what the carrier cannot deliver is paid back", async ({ page, session }) => {
  const order = await place(session, { sku: (await sell({ price: "12.40" })).sku, postalCode: "00000" });
  await page.goto(`/orders/${order}`);
  await expect(tracker(page).headline("The carrier can't deliver there")).toBeVisible();
  await expect(page.getByText("We returned £12.40 to your card because the carrier can't deliver there.")).toBeVisible();
  expect((await ledger(uuidOf(order))).map(({ kind, amount }) => [kind, amount])).toEqual([
    ["charge", 1240],
    ["refund", 1240],
  ]);
});

test("what is not there is not charged", async ({ page, session }) => {
  const { sku, name } = await sell({ pieces: 2 });
  const order = await place(session, { sku, quantity: 3 });
  await page.goto(`/orders/${order}`);
  await expect(tracker(page).headline("There was not enough in stock")).toBeVisible();
  await expect(page.getByText(`There was not enough of ${name} in stock, so nothing was charged.`)).toBeVisible();
  expect(await ledger(uuidOf(order))).toEqual([]);
});
