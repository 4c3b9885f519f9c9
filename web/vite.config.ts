import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

import { withinBudget } from "./budget.ts";

const gateway = process.env.GATEWAY ?? "http://127.0.0.1:8080";

/** Writes each text also as the gateway sends it to browsers that take gzip, which is all of them. */
const zipped: Plugin = {
  name: "zipped",
  apply: "build",
  writeBundle({ dir }, bundle) {
    for (const name of Object.keys(bundle).filter((name) => /\.(js|css|svg)$/.test(name))) {
      const path = join(dir ?? "", name);
      writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
    }
  },
};

/** Serves each app's page wherever its router may be, as the gateway does. */
const pages: Plugin = {
  name: "pages",
  configureServer(server) {
    server.middlewares.use((request, _, next) => {
      const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
      if (request.headers.accept?.includes("text/html")) {
        const app = /^\/(console|playground)(\/|$)/.exec(path)?.[1] ?? "storefront";
        request.url = `/${app}/index.html`;
      }
      next();
    });
  },
};

// One build of three apps, so that what they share is loaded once. The gateway embeds what is built here.
export default defineConfig({
  plugins: [react(), pages, zipped, withinBudget],
  build: {
    outDir: "../gateway/internal/web/dist",
    // There is a page in it for a gateway without a build; web.sh empties the rest.
    emptyOutDir: false,
    // The playground's editor is one large piece by nature; the storefront has a budget of its own.
    chunkSizeWarningLimit: 6000,
    rolldownOptions: {
      input: ["storefront/index.html", "console/index.html", "playground/index.html"],
      onLog(level, log, handler) {
        // GraphiQL is compiled already; hints to its compiler mean nothing any more.
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") {
          handler(level, log);
        }
      },
    },
  },
  worker: { format: "es" },
  // Vite's own server hands out what workers import as it is, unless it is named here; these are, or import, CommonJS, which browsers do not know.
  optimizeDeps: { include: ["monaco-graphql > graphql-language-service", "monaco-graphql > picomatch-browser"] },
  server: { proxy: { "/graphql": { target: gateway, ws: true } } },
});
