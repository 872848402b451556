import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { root } from "../package/support.ts";

test.each(["hono"])(
  "the adapter of %s stays within 800 bytes, minified and gzipped, without the root entry",
  async (name) => {
    const { outputFiles, metafile } = await build({
      entryPoints: [`${root}/adapters/${name}.ts`],
      bundle: true,
      minify: true,
      format: "esm",
      target: "es2022",
      write: false,
      metafile: true,
      external: ["*/src/index.ts"],
    });
    expect(gzipSync(outputFiles[0]?.text ?? "", { level: 9 }).length).toBeLessThanOrEqual(800);
    const imported = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
    expect(imported.every((path) => path.endsWith("/src/index.ts"))).toBe(true);
  },
);
