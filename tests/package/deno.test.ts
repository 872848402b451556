import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { program } from "./consumer.ts";
import { bin, copyRepository, installPackage, run, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();
let consumer = "";

/** Deno with a cache of its own: what it does must not depend on what this machine has seen. */
const deno = (args: readonly string[], cwd: string): Promise<string> =>
  run(bin("deno"), args, cwd, { DENO_DIR: join(folder.path, "cache"), DENO_NO_UPDATE_CHECK: "1" });

beforeAll(async () => {
  consumer = await installPackage(folder.path);
  writeFileSync(join(consumer, "index.ts"), program);
});
afterAll(folder.remove);

describe("on Deno", () => {
  test.each([
    ["the npm package, from node_modules", { nodeModulesDir: "manual" }, { dependencies: { mantlet: "*" } }],
    ["the sources, as JSR serves them", { imports: { mantlet: "../repository/src/index.ts" } }, undefined],
  ])("%s, type-check and run without permissions", async (_name, config, dependencies) => {
    writeFileSync(join(consumer, "deno.json"), JSON.stringify(config));
    const manifest = join(consumer, "package.json");
    if (dependencies !== undefined) writeFileSync(manifest, JSON.stringify({ type: "module", ...dependencies }));
    else if (existsSync(manifest)) rmSync(manifest);
    await deno(["check", "index.ts"], consumer);
    expect(await deno(["run", "--no-prompt", "--cached-only", "index.ts"], consumer)).toBe("served\n");
  });

  test("the package can be published to JSR: no slow types, and nothing but sources and documents", async () => {
    const home = temporaryFolder();
    try {
      const output = await deno(["publish", "--dry-run", "--allow-dirty"], copyRepository(home.path));
      expect(output).not.toMatch(/\b(warning|error)(\[|:)/i);
      expect(output).toContain("Success Dry run complete");
      const files = [...output.matchAll(/\/repository\/(\S+) \(/g)].map(([, file]) => file);
      expect(files).toContain("src/index.ts");
      const isPublished = /^(src|adapters)\/[\w/-]+\.ts$|^(README\.md|CHANGELOG\.md|LICENSE|jsr\.json)$/;
      expect(files.filter((file) => file === undefined || !isPublished.test(file))).toEqual([]);
    } finally {
      home.remove();
    }
  });
});
