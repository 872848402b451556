import { globSync } from "node:fs";
import { expect, test } from "vitest";
import { type Import, importsOf } from "./imports.ts";
import { root } from "./support.ts";

const files = globSync(["src/**/*.ts", "adapters/**/*.ts"], { cwd: root }).map((file) => file.replaceAll("\\", "/"));
const imports = files.flatMap(importsOf);
const atRunTime = imports.filter(({ typesOnly }) => !typesOnly);

/** The folder of a concern, for example `cors`; `undefined` for what lies directly in `src`, in `lib`, or elsewhere. */
/** What concerns share, and the entries that stand in folders. */
const shared: readonly string[] = ["lib", "stores", "testing"];
function concernOf(file: string): string | undefined {
  const folder = /^src\/([^/]+)\//.exec(file)?.[1];
  return folder === undefined || shared.includes(folder) ? undefined : folder;
}
const written = (list: readonly Import[]): readonly string[] => list.map(({ from, to }) => `${from} → ${to}`);

test("finds the imports that are there", () => {
  expect(files.length).toBeGreaterThan(30);
  expect(written(atRunTime)).toContain("src/index.ts → src/policy.ts");
  expect(written(imports)).toContain("src/policy.ts → src/config.ts");
  expect(written(atRunTime)).not.toContain("src/policy.ts → src/config.ts");
  expect(new Set(files.map(concernOf))).toContain("cors");
});

test("no imports at run time go in a circle", () => {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" → "));
    if (path.includes(file) || done.has(file)) return;
    for (const { from, to } of atRunTime) if (from === file) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect(circles).toEqual([]);
});

test("a concern reaches no other concern at run time, not even through what they share", () => {
  const crossing: string[] = [];
  for (const start of files.filter((file) => concernOf(file) !== undefined)) {
    const reached = new Set([start]);
    // A set that grows while it is walked is walked to its end.
    for (const file of reached) for (const { from, to } of atRunTime) if (from === file) reached.add(to);
    const others = [...reached].filter((file) => ![undefined, concernOf(start)].includes(concernOf(file)));
    crossing.push(...others.map((other) => `${start} → … → ${other}`));
  }
  expect(crossing).toEqual([]);
});

test("what concerns share imports none of them", () => {
  const ofLib = imports.filter(({ from }) => from.startsWith("src/lib/"));
  expect(written(ofLib.filter(({ to }) => concernOf(to) !== undefined))).toEqual([]);
  const outside = ofLib.filter(({ to, typesOnly }) => !typesOnly && !to.startsWith("src/lib/"));
  expect(written(outside)).toEqual([]);
});

test("adapters import the root entry and the types only, and re-export the stores of their platform", () => {
  const isStore = ({ to, isReexport }: Import): boolean => isReexport && to.startsWith("src/rate-limit/stores/");
  const ofAdapters = imports.filter(({ from }) => from.startsWith("adapters/"));
  const deep = ofAdapters.filter((one) => !/^(adapters\/|next\/server\.js$|[^/]+$)/.test(one.to) && !isStore(one));
  expect(written(deep.filter(({ to }) => to !== "src/index.ts" && to !== "src/types.ts"))).toEqual([]);
});

test("of their platforms, adapters import types, except what Next.js has no other way to give", () => {
  const platforms = atRunTime.filter(({ from, to }) => from.startsWith("adapters/") && !/^(adapters|src)\//.test(to));
  expect(written(platforms)).toEqual(["adapters/next.ts → next/server.js"]);
});

test("the sources import neither adapters nor tests, and another package only in the part that is made of it", () => {
  const allowed = new Set(files);
  const foreign = imports.filter(
    ({ from, to }) =>
      from.startsWith("src/") &&
      !(allowed.has(to) && to.startsWith("src/")) &&
      !(from === "src/zod.ts" && to === "zod") &&
      !(from.startsWith("src/auth/jwt/") && to.startsWith("jose/")), // never its index, which takes 70 ms to load
  );
  expect(written(foreign)).toEqual([]);
});

test("only the public surfaces re-export", () => {
  const isSurface = (file: string): boolean => /^src\/(?:index|jwt|testing|stores\/\w+)\.ts$/.test(file);
  const barrels = imports.filter(({ from, isReexport }) => isReexport && !isSurface(from));
  expect(written(barrels.filter(({ from }) => from.startsWith("src/")))).toEqual([]);
});
