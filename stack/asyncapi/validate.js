// Holds an AsyncAPI document against the specification: node validate.js <document>. Says what is wrong with it, and fails, if
// anything is.
import { readFile } from "node:fs/promises";
import { DiagnosticSeverity, Parser } from "@asyncapi/parser";

const [file] = process.argv.slice(2);
const { document, diagnostics: all } = await new Parser().parse(await readFile(file, "utf8"), { source: file });
// The rest is advice, such as to use the newest version of AsyncAPI.
const diagnostics = all.filter(({ severity }) => severity <= DiagnosticSeverity.Warning);
for (const { severity, code, path, message } of diagnostics) {
  console.error(`${DiagnosticSeverity[severity] ?? severity} ${code} at ${path.join("/")}: ${message}`);
}
if (document === undefined || diagnostics.length > 0) {
  process.exit(1);
}
const channels = document.channels().length;
const operations = document.operations().length;
const messages = document.messages().length;
console.log(`${file} is AsyncAPI ${document.version()}: ${channels} channels, ${operations} operations, ${messages} messages`);
