import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { program, settingsProgram } from "./consumer.ts";
import { installPackage, linkPackage, type Manifest, readManifest, root, run, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();
let consumer = "";
let installed = "";

beforeAll(async () => {
  consumer = await installPackage(folder.path);
  installed = join(consumer, "node_modules", "mantlet");
  writeFileSync(join(consumer, "package.json"), JSON.stringify({ private: true, type: "module" }));
  writeFileSync(join(consumer, "index.ts"), program);
  writeFileSync(join(consumer, "settings.ts"), settingsProgram);
});
afterAll(folder.remove);

const manifest = (): Manifest => readManifest(installed);

describe("the tarball", () => {
  test("holds the build and the documents, and nothing else", () => {
    const files = globSync("**", { cwd: installed, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1));
    const documents = ["CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "package.json"];
    expect(files.filter((file) => !file.startsWith("dist/")).sort()).toEqual(documents);
    expect(files.filter((file) => file.startsWith("dist/") && !/\.(js|d\.ts)$/.test(file))).toEqual([]);
    const isChunk = (file: string): boolean => /^dist\/[\w-]+-[\w-]{8}\.(js|d\.ts)$/.test(file);
    expect(files.filter((file) => file.startsWith("dist/") && !isChunk(file)).sort()).toMatchInlineSnapshot(`
      [
        "dist/cloudflare.d.ts",
        "dist/cloudflare.js",
        "dist/deno.d.ts",
        "dist/deno.js",
        "dist/hono.d.ts",
        "dist/hono.js",
        "dist/index.d.ts",
        "dist/index.js",
        "dist/jwt.d.ts",
        "dist/jwt.js",
        "dist/next.d.ts",
        "dist/next.js",
        "dist/stores/index.d.ts",
        "dist/stores/index.js",
        "dist/stores/redis.d.ts",
        "dist/stores/redis.js",
        "dist/stores/upstash.d.ts",
        "dist/stores/upstash.js",
        "dist/testing.d.ts",
        "dist/testing.js",
        "dist/zod.d.ts",
        "dist/zod.js",
      ]
    `);
  });

  test("is ESM only and free of side effects, and runs nothing when it is installed", () => {
    const { type, sideEffects, scripts = {} } = manifest();
    expect(type).toBe("module");
    expect(sideEffects).toBe(false);
    expect(Object.keys(scripts).filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual([]);
    expect(globSync("**/*.cjs", { cwd: installed })).toEqual([]);
  });

  test("has types first and a default in every export, each a file that is there", () => {
    for (const [name, target] of Object.entries(manifest().exports)) {
      if (name === "./package.json") continue;
      expect(typeof target, name).toBe("object");
      expect(Object.keys(target), name).toEqual(["types", "default"]);
      for (const file of Object.values(target))
        expect(existsSync(join(installed, file)), `${name}: ${file}`).toBe(true);
    }
  });

  test("says the same version, licence, entries and dependencies as what goes to JSR", () => {
    const jsr: unknown = JSON.parse(readFileSync(join(root, "jsr.json"), "utf8"));
    const { version, license, exports, dependencies = {} } = manifest();
    const entries = Object.keys(exports).filter((name) => name !== "./package.json");
    const imports = Object.entries(dependencies).map(([name, range]) => [name, `npm:${name}@${range}`]);
    expect(jsr).toMatchObject({ version, license, imports: Object.fromEntries(imports) });
    expect(Object.keys(Object(Object(jsr).exports))).toEqual(entries);
  });

  test("depends on what its entries import and on nothing else, in the release that the lockfile has or later", () => {
    const { dependencies = {} } = manifest();
    expect(Object.keys(dependencies)).toEqual(["jose", "zod"]);
    for (const [name, range] of Object.entries(dependencies)) {
      const [major, ...floor] = readRange(range);
      const [lockedMajor, ...locked] = readRange(readManifest(join(root, "node_modules", name)).version);
      expect(range, name).toMatch(/^\^\d+\.\d+\.\d+$/);
      expect(major, name).toBe(lockedMajor);
      expect(isAtMost(floor, locked), `${name}: ${range}`).toBe(true);
    }
  });
});

const readRange = (range: string): readonly number[] => range.replace("^", "").split(".").map(Number);
const isAtMost = ([minor = 0, patch = 0]: readonly number[], [ofMinor = 0, ofPatch = 0]: readonly number[]): boolean =>
  minor < ofMinor || (minor === ofMinor && patch <= ofPatch);

describe("a project that installs it", () => {
  const compilers = { "TypeScript 5.9": "typescript", "TypeScript 7.0": "typescript-7" };
  const base = { target: "es2022", strict: true, skipLibCheck: false, exactOptionalPropertyTypes: true, noEmit: true };
  const browser = { ...base, lib: ["es2022", "dom", "dom.iterable"], types: [] };
  const settings = {
    "a bundler": { ...browser, module: "esnext", moduleResolution: "bundler" },
    nodenext: { ...browser, module: "nodenext", moduleResolution: "nodenext" },
    "the types of Node instead of the DOM's": {
      ...base,
      lib: ["es2022"],
      types: ["node"],
      module: "nodenext",
      moduleResolution: "nodenext",
    },
    "no strictness at all": { ...browser, strict: false, exactOptionalPropertyTypes: false, module: "preserve" },
  };

  for (const [compiler, packageName] of Object.entries(compilers)) {
    test.each(Object.entries(settings))(`type-checks under ${compiler} with %s`, async (name, compilerOptions) => {
      linkPackage("@types/node", consumer);
      const project = join(consumer, `tsconfig.${packageName}.${name.replaceAll(/\W/g, "-")}.json`);
      writeFileSync(project, JSON.stringify({ compilerOptions, files: ["index.ts", "settings.ts"] }));
      const tsc = join(root, "node_modules", packageName, "bin", "tsc");
      expect(await run(process.execPath, [tsc, "-p", project], consumer)).toBe("");
    });
  }

  test.each(["index.ts", "settings.ts"])("runs %s under this Node", async (file) => {
    expect(await run(process.execPath, [file], consumer)).toBe("served\n");
  });

  test("can require it, as Node allows for ESM", async () => {
    const script = "console.log(typeof require('mantlet').policy, typeof require('mantlet/zod').secret)";
    expect(await run(process.execPath, ["--input-type=commonjs", "-e", script], consumer)).toBe("function function\n");
  });

  test("cannot reach what is not exported", async () => {
    const script = "await import('mantlet/dist/zod.js')";
    await expect(run(process.execPath, ["--input-type=module", "-e", script], consumer)).rejects.toThrow(
      "ERR_PACKAGE_PATH_NOT_EXPORTED",
    );
  });
});

test("the build serves requests under this Node", async () => {
  const smoke = join(root, "tests", "package", "smoke.mjs");
  const entry = join(installed, "dist", "index.js");
  const output = await run(process.execPath, [smoke, entry], consumer);
  expect(output).toMatch(/^ok: \d+ exchanges on Node /);
  expect(output).toContain(process.versions.node);
});
