import { existsSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { program } from "./consumer.ts";
import { installPackage, root, run, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();
let consumer = "";
let installed = "";

beforeAll(async () => {
  consumer = await installPackage(folder.path);
  installed = join(consumer, "node_modules", "mantlet");
  writeFileSync(join(consumer, "package.json"), JSON.stringify({ private: true, type: "module" }));
  writeFileSync(join(consumer, "index.ts"), program);
});
afterAll(folder.remove);

interface Manifest {
  readonly type: string;
  readonly sideEffects: boolean;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
}
const manifest = (): Manifest => JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as Manifest;

describe("the tarball", () => {
  test("holds the build and the documents, and nothing else", () => {
    const files = globSync("**", { cwd: installed, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1));
    const documents = ["CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "package.json"];
    expect(files.filter((file) => !file.startsWith("dist/")).sort()).toEqual(documents);
    expect(files.filter((file) => file.startsWith("dist/") && !/\.(js|d\.ts)$/.test(file))).toEqual([]);
    expect(files).toContain("dist/index.js");
    expect(files).toContain("dist/index.d.ts");
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

  test("says the same name, version and licence as what goes to JSR", () => {
    const jsr: unknown = JSON.parse(readFileSync(join(root, "jsr.json"), "utf8"));
    const npm: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const { version, license } = npm as { version: string; license: string };
    expect(jsr).toMatchObject({ version, license });
  });
});

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
      const needed = join(consumer, "node_modules", "@types");
      mkdirSync(needed, { recursive: true });
      if (!existsSync(join(needed, "node")))
        symlinkSync(join(root, "node_modules", "@types", "node"), join(needed, "node"));
      const project = join(consumer, `tsconfig.${packageName}.${name.replaceAll(/\W/g, "-")}.json`);
      writeFileSync(project, JSON.stringify({ compilerOptions, files: ["index.ts"] }));
      const tsc = join(root, "node_modules", packageName, "bin", "tsc");
      expect(await run(process.execPath, [tsc, "-p", project], consumer)).toBe("");
    });
  }

  test("runs under this Node", async () => {
    expect(await run(process.execPath, ["index.ts"], consumer)).toBe("served\n");
  });

  test("can require it, as Node allows for ESM", async () => {
    const script = "console.log(Object.keys(require('mantlet')).includes('policy'))";
    expect(await run(process.execPath, ["--input-type=commonjs", "-e", script], consumer)).toBe("true\n");
  });

  test("cannot reach what is not exported", async () => {
    const script = "await import('mantlet/dist/index.js')";
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
