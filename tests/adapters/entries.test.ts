import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { root } from "../package/support.ts";

/** An adapter alone, minified: what it imports, and the stores that it re-exports, stay outside. */
async function bundle(name: string, adapter: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: `export { ${name} } from "./adapters/${adapter}.ts";`, resolveDir: root },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
    external: ["next/server.js"],
    plugins: [
      {
        name: "the rest stays outside",
        setup: ({ onResolve }) =>
          onResolve({ filter: /\/src\// }, ({ path }) => ({ path, external: true, sideEffects: false })),
      },
    ],
  });
  return outputFiles[0]?.text ?? "";
}

const budget = 800;

test.each([
  ["middleware, requires", "hono"],
  ["route", "next"],
  ["worker", "cloudflare"],
  ["denoHandler", "deno"],
])(
  `%s of mantlet/%s is thin: at most ${budget} bytes, and under 120 lines with its types and documentation`,
  async (names, adapter) => {
    const code = await bundle(names, adapter);
    const bytes = gzipSync(code, { level: 9 }).length;
    console.info(`${bytes} of ${budget} bytes  ${names}`);
    expect(code).toContain(names.split(",")[0]);
    expect(bytes).toBeLessThanOrEqual(budget);
    const text = readFileSync(join(root, "adapters", `${adapter}.ts`), "utf8");
    expect(text.split("\n").length - 1).toBeLessThan(120);
  },
);

test.each([
  ["cloudflare", ["RateLimiter", "bindingStore", "durableObjectStore", "worker"]],
  ["deno", ["denoHandler", "denoKvStore"]],
  ["hono", ["middleware", "requires"]],
  ["next", ["route"]],
])("mantlet/%s exports exactly %j", async (adapter, names) => {
  const module: object = await import(/* @vite-ignore */ `../../adapters/${adapter}.ts`);
  expect(Object.keys(module).sort()).toEqual(names);
});
