import { place, sell, uuidOf } from "../api.ts";
import { ledger, pause, restart, resume } from "../stack.ts";
import { numbersTold, tracker } from "../tracker.ts";
import { expect, test } from "../visit.ts";

test.use({
  as: "newcomer",
  // While the gateway is away, nobody answers.
  forgiven: [/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_SOCKET_NOT_CONNECTED|WebSocket connection to .* failed/],
});
test.beforeEach(() => pause("carrier"));
test.afterEach(() => resume("carrier"));

test("an order is followed across a new gateway without a gap", async ({ page, session }) => {
  const numbers = numbersTold(page);
  const order = await place(session, { sku: (await sell()).sku });
  await page.goto(`/orders/${order}`);
  const { headline, history } = tracker(page);
  await expect(headline("Booking the carrier")).toBeVisible();
  const before = await history.count();
  await restart("gateway");
  await resume("carrier");
  await expect(headline("Delivered")).toBeVisible();
  const said = await history.allInnerTexts();
  expect(said.length).toBeGreaterThan(before);
  const sentences = said.map((text) => text.split("\n").at(-1));
  expect(new Set(sentences).size, `each fact once: ${sentences.join(" | ")}`).toBe(sentences.length);
  // Those before the page was there came with it; those after it one by one.
  const first = numbers[0] ?? 0;
  expect(numbers).toEqual(numbers.map((_, i) => first + i));
  expect(numbers.at(-1)).toBe(said.length);
});

test("an order is cancelled while the carrier is asked, and undone before one's eyes", async ({ page, session }) => {
  const order = await place(session, { sku: (await sell({ price: "9.99" })).sku });
  await page.goto(`/orders/${order}`);
  const { headline } = tracker(page);
  await expect(headline("Booking the carrier")).toBeVisible();
  await page.getByRole("button", { name: "Cancel this order" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Cancel the order" }).click();
  await expect(headline("You cancelled this order")).toBeVisible();
  await resume("carrier");
  await expect(page.getByText("We returned £9.99 to your card because you cancelled the order.")).toBeVisible();
  expect((await ledger(uuidOf(order))).map(({ kind, amount }) => [kind, amount])).toEqual([
    ["charge", 999],
    ["refund", 999],
  ]);
});
