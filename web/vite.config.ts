import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const gateway = "http://127.0.0.1:8080";

// The gateway embeds what is built here.
export default defineConfig({
  root: "playground",
  base: "/playground/",
  plugins: [react()],
  build: {
    outDir: "../../gateway/internal/web/dist/playground",
    emptyOutDir: true,
    // The editor is one large piece by nature.
    chunkSizeWarningLimit: 6000,
    rolldownOptions: {
      onLog(level, log, handler) {
        // GraphiQL is compiled already; hints to its compiler mean nothing any more.
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") {
          handler(level, log);
        }
      },
    },
  },
  worker: { format: "es" },
  server: { proxy: { "/graphql": { target: gateway, ws: true } } },
});
