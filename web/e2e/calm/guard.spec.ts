import { overhang, violations } from "../access.ts";
import { expect, test } from "../visit.ts";

// What no page may do makes a test fail, whatever else the test holds.
for (const [what, script] of [
  ["asks another host", 'void fetch("https://elsewhere.test/").catch(() => undefined)'],
  ["loads from another host", 'document.body.append(Object.assign(new Image(), { src: "https://elsewhere.test/1.png" }))'],
  ["makes code of text", 'document.body.append(Object.assign(document.createElement("script"), { text: "1" }))'],
  ["lets an exception go", 'setTimeout(() => { throw new Error("uncaught") })'],
  ["tells of an error", 'console.error("wrong")'],
] as const) {
  test.fail(`a page that ${what} is found out`, async ({ page }) => {
    await page.goto("/");
    await page.evaluate(script);
    // What was begun before is over when this has been loaded.
    await page.evaluate(() => fetch("/icon.svg").then((answer) => answer.text()));
  });
}

test("what shuts people out is found", async ({ page }) => {
  await page.goto("/sign-in");
  await expect(page.getByLabel("Password")).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.evaluate(() => {
    document.querySelector("main")?.insertAdjacentHTML(
      "beforeend",
      `<img src="/icon.svg"><p style="color: #ddd; background: #fff">faint</p><input>
       <div style="display: flex"><button style="all: unset; width: 9px; height: 9px">a</button><button style="all: unset; width: 9px; height: 9px">b</button></div>
       <p style="width: 3000px">wide</p>`,
    );
  });
  const found = (await violations(page)).map((violation) => violation.split(":", 1)[0]);
  expect([...new Set(found)].sort()).toEqual(["color-contrast", "image-alt", "label", "target-size"]);
  expect(await overhang(page)).toBeGreaterThan(0);
});
