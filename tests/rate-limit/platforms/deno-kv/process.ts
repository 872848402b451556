// One of several processes over one file: asks for more than there is, at once, and says what it was granted.
import { type DenoKv, denoKvStore } from "../../../../src/rate-limit/stores/deno-kv.ts";
import { limitOf } from "../../../../src/testing/store-under-test.ts";

interface Global {
  readonly Deno: {
    readonly openKv: (path: string | undefined) => Promise<DenoKv & { close(): void }>;
    readonly args: readonly string[];
  };
}
const { Deno } = globalThis as unknown as Global; // its types are not those of Node

const kv = await Deno.openKv(Deno.args[0]);
const store = denoKvStore(kv);
const check = { identity: "all", limit: limitOf("gcra", 50, 24 * 3_600_000), cost: 1 };
const nowMs = Date.now();
const decisions = await Promise.all(Array.from({ length: 100 }, () => store.consume([check], { nowMs })));
console.log(`admitted ${decisions.filter(([verdict]) => verdict?.allowed).length}`);
kv.close();
