import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

function source(entry: string): string {
  return fileURLToPath(new URL(`./src/${entry}.ts`, import.meta.url));
}

function adapter(entry: string): string {
  return fileURLToPath(new URL(`./adapters/${entry}.ts`, import.meta.url));
}

export default defineConfig({
  resolve: {
    alias: {
      "mantlet/hono": adapter("hono"),
      "mantlet/cloudflare": adapter("cloudflare"),
      "mantlet/deno": adapter("deno"),
      "mantlet/stores/redis": source("stores/redis"),
      "mantlet/stores/upstash": source("stores/upstash"),
      "mantlet/stores": source("stores/index"),
      "mantlet/jwt": source("jwt"),
      "mantlet/testing": source("testing"),
      "mantlet/next": adapter("next"),
      "mantlet/zod": source("zod"),
      mantlet: source("index"),
    },
  },
  test: {
    include: ["tests/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: process.env.CI ? ["default", ["json", { outputFile: ".tmp/vitest.json" }]] : ["default"],
  },
});
