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

test.each([
  ["worker", "cloudflare"],
  ["denoHandler", "deno"],
])(
  "%s of mantlet/%s is thin: at most 0.8 kB, and under 120 lines with its types and documentation",
  async (name, adapter) => {
    const code = await bundle(name, adapter);
    const bytes = gzipSync(code, { level: 9 }).length;
    console.info(`${bytes} of 800 bytes  ${name}`);
    expect(code).toContain(name);
    expect(bytes).toBeLessThanOrEqual(800);
    const text = readFileSync(join(root, "adapters", `${adapter}.ts`), "utf8");
    expect(text.split("\n").length - 1).toBeLessThan(120);
  },
);

test.each([
  ["cloudflare", ["RateLimiter", "bindingStore", "durableObjectStore", "worker"]],
  ["deno", ["denoHandler", "denoKvStore"]],
])("mantlet/%s exports exactly %j", async (adapter, names) => {
  const module: object = await import(/* @vite-ignore */ `../../adapters/${adapter}.ts`);
  expect(Object.keys(module).sort()).toEqual(names);
});
