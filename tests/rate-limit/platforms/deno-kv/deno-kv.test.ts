import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DenoKv, denoKvStore } from "../../../../src/rate-limit/stores/deno-kv.ts";
import { packState, unpackState } from "../../../../src/rate-limit/stores/deno-kv-state.ts";
import { issuesFrom } from "../../../lib/harness.ts";
import { bin, run } from "../../../package/support.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mantlet-deno-kv-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function deno(...args: readonly string[]): Promise<string> {
  return run(bin("deno"), args, here, { DENO_DIR: join(folder, "cache"), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" });
}

describe("on Deno KV", () => {
  const flags = ["--unstable-kv", "--no-check", "--no-remote", "--no-npm", "--no-lock", "--no-config", "--quiet"];

  test("the store passes the suite for all stores and its own tests, in memory", async () => {
    expect(await deno("test", ...flags, "in-deno.ts")).toMatch(/^ok \| \d{2,} passed \| 0 failed/m);
  });

  test("and in a file, where every key that it leaves has a time at which it expires", async () => {
    const file = join(folder, "kv.sqlite3");
    const permissions = [`--allow-read=${folder}`, `--allow-write=${folder}`];
    const output = await deno("test", ...flags, ...permissions, "in-deno.ts", "--", file);
    expect(output).toMatch(/^ok \| \d{2,} passed \| 0 failed/m);
    const database = new DatabaseSync(file, { readOnly: true });
    const count = (where: string): unknown => database.prepare(`select count(*) as keys from kv where ${where}`).get();
    expect(count("expiration_ms < 0")).toEqual({ keys: 0 });
    expect(count("expiration_ms > 1763769600000")).not.toEqual({ keys: 0 });
    database.close();
  });

  test("processes that share a file admit exactly the limit together", async () => {
    const file = join(folder, "shared.sqlite3");
    const permissions = [`--allow-read=${folder}`, `--allow-write=${folder}`];
    const outputs = await Promise.all([1, 2].map(() => deno("run", ...flags, ...permissions, "process.ts", file)));
    const admitted = outputs.map((output) => Number(/admitted (\d+)/.exec(output)?.[1]));
    expect(admitted.reduce((sum, count) => sum + count, 0)).toBe(50);
  });

  test("Deno's own types of the database are those that the store takes", async () => {
    const source = new URL("../../../../src/rate-limit/stores/deno-kv.ts", import.meta.url).href;
    const file = join(folder, "types.ts");
    await writeFile(
      file,
      `import { type DenoKv, denoKvStore } from "${source}";
const kv: Deno.Kv = await Deno.openKv();
export const asNeeded: DenoKv = kv;
export const store = denoKvStore(kv, { prefix: "app", timeoutMs: 500 });
// @ts-expect-error the promise of a database is none
denoKvStore(Deno.openKv());
`,
    );
    await deno("check", "--unstable-kv", "--no-remote", "--no-npm", "--no-lock", "--no-config", file);
  });
});

describe("denoKvStore", () => {
  const kv: DenoKv = {
    getMany: () => Promise.reject(new Error("must not be called")),
    atomic: () => {
      throw new Error("must not be called");
    },
  };

  test.each([[undefined], [null], [{}], [Promise.resolve(kv)], [{ getMany: kv.getMany }]])(
    "refuses what is no database, such as the promise of one: %j",
    (wrong) => {
      const issues = issuesFrom(() => denoKvStore(wrong as DenoKv)); // what plain JavaScript may pass
      expect(issues).toEqual([
        { path: "denoKvStore", message: expect.stringMatching(/pass what `await Deno.openKv\(\)` gives$/) },
      ]);
    },
  );

  test("refuses options that cannot work, all at once", () => {
    const options = { prefix: "{x}", timeoutMs: 0, consistency: "eventual" };
    expect(issuesFrom(() => denoKvStore(kv, options)).map(({ path }) => path)).toEqual(
      ["prefix", "timeoutMs", "consistency"].map((key) => `denoKvStore.${key}`),
    );
  });

  test("does nothing before the first decision, and says what it can", () => {
    expect(denoKvStore(kv, { prefix: "shop", timeoutMs: 100 })).toMatchObject({ name: "deno-kv", timeoutMs: 100 });
    const { timeoutMs, capabilities } = denoKvStore(kv);
    expect([timeoutMs, capabilities]).toMatchObject([250, { exact: true, atomic: true, remaining: true }]);
  });
});

describe("the state of a long log", () => {
  const start = 1_763_769_600_000;

  test.each([
    ["evenly over a year", (index: number) => start + index * 3_162_240],
    ["all at once", () => start],
    ["all at once but the first, a year before", (index: number) => (index === 0 ? start : start + 31_622_399_999)],
  ])("is packed and unpacked without loss, in less than 64 KiB: %s", (_spread, timeOf) => {
    const times = Array.from({ length: 10_000 }, (_, index) => timeOf(index));
    const packed = packState(times);
    expect(String(packed).length).toBeLessThan(61_000);
    expect(unpackState(packed)).toEqual(times);
  });

  test("rounds up what lies between milliseconds", () => {
    const times = Array.from({ length: 5000 }, (_, index) => index / 4);
    expect(unpackState(packState(times))).toEqual(times.map(Math.ceil));
  });

  test.each([[undefined], [null], [true], [{}]])("is nobody's, and unknown, when it is %j", (value) => {
    expect(unpackState(value)).toBeUndefined();
  });
});
