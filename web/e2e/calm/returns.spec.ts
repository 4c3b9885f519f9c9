import { place, rest, sell, uuidOf } from "../api.ts";
import { ledger } from "../stack.ts";
import { expect, test } from "../visit.ts";

test.use({ as: "newcomer" });

test("something is sent back, and paid back", async ({ page, session }) => {
  const { sku, name } = await sell({ price: "5.00" });
  const order = await place(session, { sku, quantity: 3 });
  await rest(session, order);
  await page.goto(`/orders/${order}`);
  await page.getByRole("link", { name: "Send something back" }).click();
  await page.getByLabel(name).fill("4");
  await page.getByRole("button", { name: "Request the return" }).click();
  // There are but three.
  await expect(page).toHaveURL(/\/return$/);
  await page.getByLabel(name).fill("2");
  await page.getByLabel("Why? You need not say.").fill("It does not sing.");
  await page.getByRole("button", { name: "Request the return" }).click();
  await expect(page.getByRole("heading", { name: "We returned £10.00 to your card" })).toBeVisible();
  await expect(page.getByTestId("return").getByText(/Credit note/)).toBeVisible();
  expect((await ledger(uuidOf(order))).map(({ kind, amount }) => [kind, amount])).toEqual([
    ["charge", 1500],
    ["refund", 1000],
  ]);
});

test("a return that the carrier does not collect is undone", async ({ page, session }) => {
  const { sku } = await sell();
  const order = await place(session, { sku, postalCode: "00001" });
  await rest(session, order);
  await page.goto(`/orders/${order}/return`);
  await page.getByRole("button", { name: "Request the return" }).click();
  await expect(page.getByRole("heading", { name: "This return did not go through" })).toBeVisible();
  await expect(page.getByText("Everything is undone, and you keep your items.")).toBeVisible();
  expect(await ledger(uuidOf(order))).toHaveLength(1);
});
