import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { program, settingsProgram } from "./consumer.ts";
import {
  bin,
  copyRepository,
  installPackage,
  linkPackage,
  readManifest,
  root,
  run,
  temporaryFolder,
} from "./support.ts";

const folder = temporaryFolder();
let consumer = "";

/** Deno with a cache of its own: what it does must not depend on what this machine has seen. */
const deno = (args: readonly string[], cwd: string): Promise<string> =>
  run(bin("deno"), args, cwd, { DENO_DIR: join(folder.path, "cache"), DENO_NO_UPDATE_CHECK: "1" });

/** The import map of a project that uses the sources: what jsr.json exports, and what it imports itself. */
function asJsrServes(): Readonly<Record<string, string>> {
  const jsr = JSON.parse(readFileSync(join(root, "jsr.json"), "utf8")) as {
    readonly exports: Readonly<Record<string, string>>;
    readonly imports: Readonly<Record<string, string>>;
  };
  const entries = Object.entries(jsr.exports).map(([name, file]) => [
    join("mantlet", name),
    join("../repository", file),
  ]);
  return { ...jsr.imports, ...Object.fromEntries(entries) };
}

beforeAll(async () => {
  consumer = await installPackage(folder.path);
  writeFileSync(join(consumer, "index.ts"), program);
  writeFileSync(join(consumer, "settings.ts"), settingsProgram);
});
afterAll(folder.remove);

describe("on Deno", () => {
  test.each([
    ["the npm package, from node_modules", { nodeModulesDir: "manual" }, { dependencies: { mantlet: "*", zod: "*" } }],
    ["the sources, as JSR serves them", { nodeModulesDir: "manual", imports: asJsrServes() }, undefined],
  ])("%s, type-check and run without permissions", async (_name, config, dependencies) => {
    writeFileSync(join(consumer, "deno.json"), JSON.stringify(config));
    const manifest = join(consumer, "package.json");
    if (dependencies !== undefined) writeFileSync(manifest, JSON.stringify({ type: "module", ...dependencies }));
    else if (existsSync(manifest)) rmSync(manifest);
    await deno(["check", "index.ts", "settings.ts"], consumer);
    for (const file of ["index.ts", "settings.ts"])
      expect(await deno(["run", "--no-prompt", "--cached-only", file], consumer)).toBe("served\n");
  });

  test("the package can be published to JSR: no slow types, and nothing but sources and documents", async () => {
    const home = temporaryFolder();
    try {
      const copy = copyRepository(home.path);
      const { dependencies, peerDependencies } = readManifest(copy);
      for (const name of Object.keys({ ...dependencies, ...peerDependencies })) linkPackage(name, copy);
      const output = await deno(["publish", "--dry-run", "--allow-dirty"], copy);
      expect(output).not.toMatch(/\b(warning|error)(\[|:)/i);
      expect(output).toContain("Success Dry run complete");
      const files = [...output.matchAll(/\/repository\/(\S+) \(/g)].map(([, file]) => file);
      expect(files).toEqual(
        expect.arrayContaining([
          "src/index.ts",
          "src/zod.ts",
          "adapters/next.ts",
          "adapters/next/types.ts",
          "jsr.json",
        ]),
      );
      const isPublished = /^(src|adapters)\/[\w/-]+\.ts$|^(README\.md|CHANGELOG\.md|LICENSE|jsr\.json)$/;
      expect(files.filter((file) => file === undefined || !isPublished.test(file))).toEqual([]);
    } finally {
      home.remove();
    }
  }, 60_000); // it checks the types of Next.js too
});
