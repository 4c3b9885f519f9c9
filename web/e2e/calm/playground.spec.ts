import type { Page, Request } from "@playwright/test";

import { expect, test } from "../visit.ts";

/** The operations of the tabs that a newcomer finds, in their order, and how the saga beside them ends where one is set off. */
const tabs: [operation: string, ends?: string][] = [
  ["SignIn"],
  ["Products"],
  ["Quote"],
  ["PlaceOrder", "Completed"],
  ["OrderChanged"],
  ["Order"],
  ["CancelOrder", "Undone"],
  ["RequestReturn", "Completed"],
  ["PlaceOrder", "Undone"],
  ["PlaceOrder", "Undone"],
  ["SignIn"],
  ["Sagas"],
  ["Contexts"],
  ["ParkedMessages"],
  ["AuditLog"],
];

test("the tabs of the playground succeed, as they are and in their order", async ({ page }) => {
  test.setTimeout(180_000);
  const told = numbersOfChanges(page);
  await page.goto("/playground");
  const saga = page.getByTestId("saga");
  for (const [i, [operation, ends]] of tabs.entries()) {
    await expect(page.getByText(`Step ${i + 1} of ${tabs.length}`)).toBeVisible();
    // The editor is loaded apart.
    await expect(page.locator(".graphiql-query-editor")).toContainText(operation);
    const run = page.getByRole("button", { name: "Run", exact: true });
    if (operation === "OrderChanged") {
      await run.click();
      await expect.poll(() => told.length, { message: "what is told of the order" }).toBeGreaterThan(3);
      expect(told).toEqual(told.map((_, n) => n + 1));
    } else {
      const answer = page.waitForResponse((response) => isOf(response.request(), operation));
      await run.click();
      expect(troubles(await (await answer).text()), `${operation}, tab ${i + 1}`).toEqual([]);
    }
    if (ends) {
      await expect(saga.getByText(ends, { exact: true })).toBeVisible();
    }
    if (i < tabs.length - 1) {
      await page.getByRole("button", { name: "Next", exact: true }).click();
    }
  }
});

test("whoever is quicker than the playground's editor chooses when it is there, and runs what they chose", async ({ page }) => {
  let load = () => {};
  const asked = new Promise<void>((resolve) => {
    load = resolve;
  });
  await page.route(/monaco-editor/, async (route) => {
    await asked;
    await route.continue();
  });
  await page.goto("/playground");
  const next = page.getByRole("button", { name: "Next", exact: true });
  await expect(page.getByText("The editor is being loaded")).toBeVisible();
  await expect(next).toBeDisabled();
  await next.click({ force: true });
  await page.getByTitle("Products", { exact: true }).click({ force: true });
  await expect(page.getByText(`Step 1 of ${tabs.length}`)).toBeVisible();

  load();
  await next.click();
  await expect(page.locator(".graphiql-query-editor")).toContainText("Products");
  const sent = page.waitForRequest((request) => isOf(request, "Products"));
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await sent;
});

/** Whether somebody runs an operation. */
function isOf(request: Request, operation: string): boolean {
  if (!request.url().endsWith("/graphql") || request.method() !== "POST") {
    return false;
  }
  const { query = "" } = (request.postDataJSON() ?? {}) as { query?: string };
  return new RegExp(`(query|mutation) ${operation}\\b`).test(query);
}

/** What went wrong, by the text of an answer. */
function troubles(text: string): unknown[] {
  const { data, errors = [] } = JSON.parse(text) as {
    data: Record<string, { userErrors?: unknown[] } | null> | null;
    errors?: unknown[];
  };
  return [...errors, ...Object.values(data ?? {}).flatMap((answer) => answer?.userErrors ?? [])];
}

/** The numbers of the facts that the editor's own subscription tells, from the first. */
function numbersOfChanges(page: Page): number[] {
  const numbers: number[] = [];
  const own = new Set<string>();
  page.on("websocket", (socket) => {
    socket.on("framesent", ({ payload }) => {
      const { id, payload: sent } = JSON.parse(payload.toString()) as { id?: string; payload?: { query?: string } };
      if (id && /subscription OrderChanged\b/.test(sent?.query ?? "")) {
        own.add(id);
      }
    });
    socket.on("framereceived", ({ payload }) => {
      const { id, payload: got } = JSON.parse(payload.toString()) as {
        id?: string;
        payload?: { data?: { orderChanged?: { sequence: number } } };
      };
      const change = got?.data?.orderChanged;
      if (id && own.has(id) && change && change.sequence > 0) {
        numbers.push(change.sequence);
      }
    });
  });
  return numbers;
}
