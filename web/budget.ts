import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** What the storefront's first load may weigh at most: its JavaScript, in bytes as they travel. */
const budget = 130_000;

/** What is asked of a chunk of a build. */
export type Chunk = { code: string; imports: string[]; moduleIds: string[] };

/** A chunk and all that is loaded with it, with their weights as they travel, the heaviest first. */
export function load(chunks: ReadonlyMap<string, Chunk>, entry: string): [name: string, bytes: number][] {
  const names = new Set([entry]);
  for (const name of names) {
    for (const imported of chunks.get(name)?.imports ?? []) {
      names.add(imported);
    }
  }
  return [...names]
    .map((name): [string, number] => [name, gzipSync(chunks.get(name)?.code ?? "", { level: 9 }).length])
    .sort(([, one], [, other]) => other - one);
}

/** The modules of other apps that are loaded with a chunk. */
export function strangers(chunks: ReadonlyMap<string, Chunk>, entry: string, others: RegExp): string[] {
  return load(chunks, entry).flatMap(([name]) => chunks.get(name)?.moduleIds.filter((id) => others.test(id)) ?? []);
}

/** Fails a build whose storefront is heavier than the budget at its first load, or loads what only the other apps need. */
export const withinBudget: Plugin = {
  name: "within-budget",
  apply: "build",
  generateBundle(_, bundle) {
    const chunks = new Map(Object.entries(bundle).flatMap(([name, output]) => (output.type === "chunk" ? [[name, output]] : [])));
    const entry = [...chunks].find(([, { isEntry, facadeModuleId }]) => isEntry && facadeModuleId?.includes("/storefront/"));
    if (!entry) {
      this.error("there is no storefront to weigh");
    }
    const parts = load(chunks, entry[0]);
    const bytes = parts.reduce((sum, [, part]) => sum + part, 0);
    const told = [
      `the storefront's first load weighs ${kilobytes(bytes)} of ${kilobytes(budget)}`,
      ...parts.map(([name, part]) => `  ${kilobytes(part).padStart(9)}  ${name}`),
    ].join("\n");
    const odd = strangers(chunks, entry[0], /\/web\/(console|playground)\/|\/(graphiql|monaco-editor|@graphiql)\//);
    if (odd.length > 0) {
      this.error(`the storefront loads what only other apps need:\n  ${odd.join("\n  ")}`);
    }
    if (bytes > budget) {
      this.error(told);
    }
    this.info(told);
  },
};

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} KB`;
}
