import { globSync } from "node:fs";
import { basename } from "node:path";
import { defineConfig } from "tsup";

const entries = globSync(["src/index.ts", "src/zod.ts", "adapters/*.ts"]);

export default defineConfig({
  entry: Object.fromEntries(entries.map((file) => [basename(file, ".ts"), file])),
  format: "esm",
  target: "es2022",
  platform: "neutral",
  dts: true,
  clean: true,
});
