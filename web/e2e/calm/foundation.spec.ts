import { expect, test } from "../visit.ts";

test("browses without signing in", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page).toHaveTitle(/Quadrille/);
});

test("signs in, and out", async ({ page }) => {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail address").fill("ada@quadrille.test");
  await page.getByLabel("Password").fill("quadrille");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL("/");
});

test.describe("as an operator", () => {
  test.use({ as: "olga" });
  test("sees that all contexts answer", async ({ page }) => {
    await page.goto("/console");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Overview");
  });
});
