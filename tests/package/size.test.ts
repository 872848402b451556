import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installPackage, temporaryFolder } from "./support.ts";

/**
 * What each way of importing may cost a user: bytes, minified and gzipped. Raise one only with a reason: half a kilobyte
 * of each counts a body in place, which spares a request 25 to 40 µs. A fifth of `policy` is the text of configuration
 * errors, and two fifths are the code that finds them. Paths with steps of their own cost it 100 bytes, and took 200 off
 * `secure`. Half a kilobyte of `policy` keeps what came unread (a URL, a list, an error with a status) from being taken for
 * something else, and says in events why a preflight was refused. The last half of a kilobyte tells of functions of
 * the user's that gave what they must not, says in events who it was about, in errors what other middleware calls an option,
 * and in fields what two policies around one handler counted; and it counts clients that hide their address.
 */
const budgets: readonly (readonly [code: string, bytes: number])[] = [
  [`export { secure } from "mantlet";`, 8800],
  [`export { policy } from "mantlet";`, 38700],
  [`export { problem } from "mantlet";`, 875],
  [`export * from "mantlet";`, 43050],
  [`export * from "mantlet"; export * from "mantlet/jwt";`, 56700],
  [`export * from "mantlet/zod";`, 3950],
  [`export * from "mantlet/next";`, 1300],
];

/** What a user has anyhow who imports `mantlet/zod` or `mantlet/next`; it is not counted. */
const notCounted = ["zod", "next/server.js"];

const folder = temporaryFolder();
let consumer = "";

beforeAll(async () => {
  consumer = await installPackage(folder.path);
});
afterAll(folder.remove);

/** The code as a user's bundler would send it, with nothing left outside but what is not counted. */
async function bundle(code: string): Promise<string> {
  const entry = join(consumer, "entry.js");
  writeFileSync(entry, code);
  const { outputFiles, warnings, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    write: false,
    metafile: true,
    external: notCounted,
  });
  expect(warnings).toEqual([]);
  const outputs = Object.values(metafile.outputs);
  const outside = outputs.flatMap(({ imports }) => imports.filter(({ external }) => external === true));
  expect(outside.filter(({ path }) => !notCounted.includes(path))).toEqual([]);
  return outputFiles.map(({ text }) => text).join("");
}

test.each(budgets)("%s stays within %i bytes", async (code, budget) => {
  const bytes = gzipSync(await bundle(code), { level: 9 }).length;
  console.info(`${String(bytes).padStart(6)} of ${String(budget).padStart(6)} bytes  ${code}`);
  expect(bytes).toBeLessThanOrEqual(budget);
});

test("the root entry pulls in no other package", async () => {
  const { metafile } = await build({
    stdin: { contents: `export * from "mantlet";`, resolveDir: consumer },
    bundle: true,
    format: "esm",
    platform: "neutral",
    write: false,
    metafile: true,
  });
  const files = Object.keys(metafile.inputs).filter((file) => file !== "<stdin>");
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter((file) => !file.includes("node_modules/mantlet/dist/"))).toEqual([]);
});

test("an import that is not used leaves nothing behind", async () => {
  expect(await bundle(`import { policy } from "mantlet";`)).toBe("");
  expect(await bundle(`import { secret } from "mantlet/zod";`)).toBe("");
});

test("secure() comes without what compiles configurations", async () => {
  const everything = await bundle(`export * from "mantlet";`);
  const alone = await bundle(`export { secure } from "mantlet";`);
  for (const part of ["dangerouslyAllowPublicSuffixes", "windowSeconds", "contentSecurityPolicy"]) {
    expect(everything).toContain(part);
    expect(alone).not.toContain(part);
  }
  expect(alone).toContain("cross_origin_refused");
});

test("problem() comes alone", async () => {
  expect(await bundle(`export { problem } from "mantlet";`)).not.toContain("cross_origin_refused");
});
