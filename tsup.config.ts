import { globSync } from "node:fs";
import { defineConfig } from "tsup";

const entries = globSync([
  "src/index.ts",
  "src/jwt.ts",
  "src/zod.ts",
  "src/testing.ts",
  "src/stores/*.ts",
  "adapters/*.ts",
]);

export default defineConfig({
  entry: Object.fromEntries(entries.map((file) => [file.replace(/^(?:src|adapters)\/|\.ts$/g, ""), file])),
  format: "esm",
  target: "es2022",
  platform: "neutral",
  dts: true,
  clean: true,
});
