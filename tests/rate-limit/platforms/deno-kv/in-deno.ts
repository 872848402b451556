// Run by `deno test`: the suite for all stores, and what only Deno KV can show.
import type { Limit, LimitCheck, RateLimitStore } from "../../../../src/index.ts";
import { type DenoKv, denoKvStore } from "../../../../src/rate-limit/stores/deno-kv.ts";
import { packState } from "../../../../src/rate-limit/stores/deno-kv-state.ts";
import { assert, assertEqual } from "../../../../src/testing/assert.ts";
import { limitOf } from "../../../../src/testing/store-under-test.ts";
import { testStore } from "../../../../src/testing.ts";

interface Entry {
  readonly key: readonly unknown[];
  readonly value: unknown;
  readonly versionstamp: string;
}
interface Kv extends DenoKv {
  list(selector: { prefix: readonly string[] }): AsyncIterable<Entry>;
  get(key: readonly unknown[]): Promise<{ readonly value: unknown }>;
  set(key: readonly unknown[], value: unknown): Promise<unknown>;
  delete(key: readonly unknown[]): Promise<unknown>;
  close(): void;
}
interface Global {
  readonly Deno: {
    readonly test: (name: string, run: () => Promise<void>) => void;
    readonly openKv: (path: string) => Promise<Kv>;
    readonly args: readonly string[];
  };
}
const { Deno } = globalThis as unknown as Global; // its types are not those of Node

const [path = ":memory:"] = Deno.args;
const hourMs = 3_600_000;
const algorithms = ["gcra", "fixed-window", "sliding-window", "sliding-log"] as const;

/** A database that its store closes. */
const opened = new Map<RateLimitStore, Kv>();
async function open(): Promise<RateLimitStore> {
  const kv = await Deno.openKv(path);
  const store = denoKvStore(kv);
  opened.set(store, kv);
  return store;
}
testStore(open, { test: Deno.test, operations: 500, close: (store) => opened.get(store)?.close() });

/** Runs a test with a database, and closes it; its identities are new in each run. */
function test(name: string, run: (kv: Kv, identity: string) => Promise<void>): void {
  Deno.test(name, async () => {
    const kv = await Deno.openKv(path);
    try {
      await run(kv, crypto.randomUUID());
    } finally {
      kv.close();
    }
  });
}

async function entriesOf(kv: Kv, prefix: string): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of kv.list({ prefix: [prefix] })) entries.push(entry);
  return entries;
}

async function admitted(stores: readonly RateLimitStore[], check: LimitCheck, times: number): Promise<number> {
  const nowMs = Date.now();
  const ask = (index: number) => stores[index % stores.length]?.consume([check], { nowMs });
  const decisions = await Promise.all(Array.from({ length: times }, (_, index) => ask(index)));
  return decisions.filter((verdicts) => verdicts?.every(({ allowed }) => allowed)).length;
}

for (const algorithm of algorithms) {
  test(`${algorithm}: admits exactly the limit of 200 concurrent requests`, async (kv, identity) => {
    const check = { identity, limit: limitOf(algorithm, 50, hourMs), cost: 1 };
    assertEqual(await admitted([denoKvStore(kv)], check, 200), 50, "admitted of 200");
  });

  test(`${algorithm}: admits exactly the limit where stores do not know of each other`, async (kv, identity) => {
    const check = { identity, limit: limitOf(algorithm, 20, hourMs), cost: 1 };
    const stores = Array.from({ length: 4 }, () => denoKvStore(kv));
    assertEqual(await admitted(stores, check, 200), 20, "admitted of 200");
  });
}

test("stores every key with a time at which it expires, and gives the whole time that the state needs", async (kv, identity) => {
  const sets: { readonly key: string; readonly expireIn: number }[] = [];
  const watched: DenoKv = {
    getMany: (keys) => kv.getMany(keys),
    atomic() {
      const operation = kv.atomic();
      return {
        check: (check) => operation.check(check),
        set(key, value, options) {
          sets.push({ key: key.join(" "), expireIn: options.expireIn });
          return operation.set(key, value, options);
        },
        delete: (key) => operation.delete(key),
        commit: () => operation.commit(),
      };
    },
  };
  const store = denoKvStore(watched);
  for (const algorithm of algorithms) {
    const check = { identity, limit: limitOf(algorithm, 10, 60_000), cost: 1 };
    await store.consume([check], { nowMs: 1_763_769_600_000 });
    await store.consume([check], { nowMs: 1_763_769_600_000 });
    await store.refund?.([check], { nowMs: 1_763_769_600_000 });
  }
  assertEqual(
    sets.map(({ expireIn }) => expireIn),
    [6000, 12_000, 6000, 60_000, 60_000, 60_000, 120_000, 120_000, 120_000, 60_000, 60_000, 60_000],
    "expireIn",
  );
});

test("writes nothing for a refusal, a peek and a cost of 0, and deletes what was given back", async (kv, identity) => {
  const prefix = `writes ${identity}`;
  const store = denoKvStore(kv, { prefix });
  const check = { identity, limit: limitOf("gcra", 1, hourMs), cost: 1 };
  const nowMs = Date.now();
  for (const quiet of [
    { ...check, peek: true },
    { ...check, cost: 0 },
  ])
    await store.consume([quiet], { nowMs });
  assertEqual(await entriesOf(kv, prefix), [], "after a peek and a cost of 0");
  await store.consume([check], { nowMs });
  const before = await entriesOf(kv, prefix);
  assertEqual(before.length, 1, "keys after a request");
  await store.consume([check], { nowMs });
  assertEqual(await entriesOf(kv, prefix), before, "after a refusal");
  await store.refund?.([check], { nowMs });
  assertEqual(await entriesOf(kv, prefix), [], "after a refund");
});

test("keeps keys under the prefix, and hashes those that are too long", async (kv, identity) => {
  const prefix = `keys ${identity}`;
  const store = denoKvStore(kv, { prefix });
  const limit = limitOf("gcra", 5, hourMs);
  for (const who of ["abc", "x".repeat(5000), "漢".repeat(480)]) {
    await store.consume([{ identity: who, limit, cost: 1 }], { nowMs: Date.now() });
  }
  const keys = (await entriesOf(kv, prefix)).map(({ key }) => String(key[1]).replace(/[0-9a-f]{64}$/, "<hash>"));
  assertEqual(
    keys.sort(),
    ["sha256:<hash>", `{3:abc}:${limit.id}`, `{480:${"漢".repeat(480)}}:${limit.id}`].sort(),
    "keys",
  );
});

test("decides more limits at once than one read may have keys", async (kv, identity) => {
  const store = denoKvStore(kv);
  const checks = Array.from({ length: 12 }, (_, index) => ({
    identity,
    limit: { ...limitOf("gcra", 2, hourMs), id: `limit ${index}` },
    cost: 1,
  }));
  const verdicts = await store.consume(checks, { nowMs: Date.now() });
  assertEqual(
    verdicts.map(({ remaining }) => remaining),
    checks.map(() => 1),
    "remaining",
  );
});

test("a log of 10,000 requests fits into a value, also where they are spread over a year", async (kv, identity) => {
  const limit: Limit = limitOf("sliding-log", 10_000, 366 * 24 * hourMs);
  const start = Date.now();
  // 600 long pauses, which take the most room, and the rest as long as a year allows.
  const times = [start];
  for (let index = 1; index < 10_000; index++) times.push((times[index - 1] ?? 0) + (index < 500 ? 60_466_176 : 2_000));
  const key = ["mantlet", `{${identity.length}:${identity}}:${limit.id}`];
  await kv.set(key, packState(times));
  const nowMs = (times.at(-1) ?? 0) + 1;
  const [full] = await denoKvStore(kv).consume([{ identity, limit, cost: 1 }], { nowMs });
  assertEqual([full?.allowed, full?.remaining], [false, 0], "the 10,001st request");
  await denoKvStore(kv).refund?.([{ identity, limit, cost: 1 }], { nowMs });
  const [again] = await denoKvStore(kv).consume([{ identity, limit, cost: 1 }], { nowMs });
  assertEqual([again?.allowed, again?.remaining], [true, 0], "the 10,000th request");
  const worst = times.map((_, index) => start + index * 3_162_240);
  await kv.set(key, packState(worst));
  assertEqual((await kv.get(key)).value, packState(worst), "a year's log");
  await kv.delete(key); // all that is left in the file is of the store
});

test("fails when the database is closed", async (_kv, identity) => {
  const closed = await Deno.openKv(":memory:");
  closed.close();
  const decision = Promise.resolve(
    denoKvStore(closed).consume([{ identity, limit: limitOf("gcra", 5, 1000), cost: 1 }], { nowMs: Date.now() }),
  );
  assert(
    await decision.then(
      () => false,
      () => true,
    ),
    "the decision rejects",
  );
});
