import { defineConfig } from "@playwright/test";

/** A variable that whoever runs the tests has set: proof/browser does. */
function variable(name: string): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} is not set: run the browser's tests by \`go test ./proof/browser\`, as \`make test\` does`);
  }
  return value;
}

export default defineConfig({
  outputDir: variable("QUADRILLE_KEEP"),
  preserveOutput: "failures-only",
  reporter: [["./reporter.ts"]],
  forbidOnly: true,
  fullyParallel: true,
  // Two cores are shared with all that is tested.
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 20_000 },
  projects: [
    // Tests that do not get in each other's way.
    { name: "Calm", testDir: "calm" },
    // Tests that take a part of the system away from everybody.
    { name: "Outages", testDir: "outages", fullyParallel: false, workers: 1 },
    // The pictures that README shows.
    { name: "Screenshots", testDir: "shots" },
  ],
  use: {
    baseURL: variable("QUADRILLE_URL"),
    launchOptions: { executablePath: variable("CHROMIUM") },
    viewport: { width: 1280, height: 800 },
    locale: "en-GB",
    screenshot: "only-on-failure",
    trace: { mode: "retain-on-failure", screenshots: false, snapshots: true, sources: false },
    actionTimeout: 20_000,
  },
});
