import { restart } from "../stack.ts";
import { expect, test } from "../visit.ts";

// Nobody answers meanwhile.
test.use({ forgiven: [/ERR_CONNECTION_REFUSED/] });

test("pages are there again when the gateway is", async ({ page }) => {
  await page.goto("/");
  await restart("gateway");
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
});
