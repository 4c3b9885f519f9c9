import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";

/** Says of each test, in a line of JSON, how it went, for proof/browser to pass on. */
export default class Lines implements Reporter {
  onTestEnd(test: TestCase, result: TestResult) {
    const trouble = [
      ...result.errors.map(({ message, stack }) => stack ?? message ?? "failed"),
      ...result.attachments.flatMap(({ name, path }) => (path ? [`${name}: ${path}`] : [])),
    ];
    this.say({
      // The groups that it is in, and its own title; before them come the root, the project and the file.
      title: test.titlePath().slice(3).join(" "),
      seconds: result.duration / 1000,
      trouble: result.status === test.expectedStatus || result.status === "skipped" ? "" : trouble.join("\n"),
      skipped: result.status === "skipped",
    });
  }

  onError({ message, stack }: { message?: string; stack?: string }) {
    process.stdout.write(`${stack ?? message}\n`);
  }

  onStdOut(chunk: string | Buffer) {
    process.stdout.write(chunk);
  }

  onStdErr(chunk: string | Buffer) {
    process.stdout.write(chunk);
  }

  private say(outcome: object) {
    process.stdout.write(`${JSON.stringify(outcome)}\n`);
  }
}
