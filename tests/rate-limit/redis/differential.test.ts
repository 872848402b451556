import { createClient, type RedisClientType } from "redis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { step } from "../../../src/rate-limit/algorithms/algorithms.ts";
import { decide, giveBack } from "../../../src/rate-limit/algorithms/decide.ts";
import type { LimitState } from "../../../src/rate-limit/algorithms/state.ts";
import { keyOf } from "../../../src/rate-limit/key.ts";
import { type ScriptMode, scriptArguments } from "../../../src/rate-limit/script/arguments.ts";
import { readReply } from "../../../src/rate-limit/script/reply.ts";
import { limitScript } from "../../../src/rate-limit/script/script.ts";
import type { Limit, LimitCheck, RateLimitAlgorithm, Verdict } from "../../../src/rate-limit/store.ts";
import { Random } from "../../../src/testing/random.ts";
import { algorithms, limitOf, someone } from "./limits.ts";
import { describeWithRedis, type RedisServer, startRedis } from "./server.ts";

const operations = 3000;

const modes: readonly [ScriptMode, ...ScriptMode[]] = [
  "consume",
  "consume",
  "consume",
  "consume",
  "refund",
  "look",
  "reset",
];

/** The time of these tests is not that of the server, which would forget by its own. */
const withoutExpiry = `
local real = redis
local redis = {
  call = function(name, ...)
    if name == 'PEXPIRE' then return 1 end
    if name ~= 'SET' then return real.call(name, ...) end
    local key, value = ...
    return real.call(name, key, value)
  end
}
`;

describeWithRedis("the script and the reducers", () => {
  let server: RedisServer;
  let client: RedisClientType;
  let sha1: string;

  beforeAll(async () => {
    server = await startRedis();
    client = createClient({ socket: { host: "127.0.0.1", port: server.port } });
    client.on("error", () => undefined); // commands reject
    await client.connect();
    sha1 = await client.scriptLoad(withoutExpiry + limitScript.source);
  });
  afterAll(async () => {
    client?.destroy();
    await server?.close();
  });

  it.each(algorithms)("agree on %s in every number, for any costs, peeks, refunds and clocks", async (algorithm) => {
    const random = new Random(algorithm.length);
    const identities = Array.from({ length: 4 }, someone);
    const model: Model = new Map();
    const limits = limitsOf(algorithm);
    let nowMs = Date.now();
    for (let count = 0; count < operations; count++) {
      const checks = Array.from({ length: 1 + random.below(3) }, () => checkOf(random, limits, identities));
      const mode = random.pick(modes);
      const expected = answers[mode](model, checks, nowMs);
      const keys = checks.map((check) => keyOf("test", check));
      const reply = await client.evalSha(sha1, { keys, arguments: scriptArguments(mode, checks, nowMs) });
      const actual = readReply(reply, checks.length);
      if (expected !== undefined)
        expect(actual, `operation ${count}: ${mode} ${JSON.stringify(checks)}`).toEqual(expected);
      nowMs += random.below(30) === 0 ? -random.below(2000) : random.below(random.below(20) === 0 ? 20_000 : 300);
    }
  });
});

/** Small, with rates that doubles cannot hold, fast, a year long, and all of them with burst or alignment. */
function limitsOf(algorithm: RateLimitAlgorithm): readonly [Limit, ...Limit[]] {
  return [
    limitOf(algorithm, { limit: 5, windowMs: 1000 }),
    limitOf(algorithm, { limit: 7, windowMs: 3000, isAligned: true, ...(algorithm === "gcra" && { burst: 3 }) }),
    limitOf(algorithm, { limit: 3000, windowMs: 1000 }),
    limitOf(algorithm, { limit: 11, windowMs: 31_622_400_000 }),
  ];
}

function checkOf(random: Random, limits: readonly [Limit, ...Limit[]], identities: readonly string[]): LimitCheck {
  const limit = random.pick(limits);
  const cost = random.below(8) === 0 ? random.below(limit.limit + 2) : random.below(3);
  return { identity: identities[random.below(identities.length)] ?? "", limit, cost, peek: random.below(8) === 0 };
}

/** What is remembered under each key. */
type Model = Map<string, LimitState>;

/** What the script must answer in each mode; `undefined` where nobody looks at it. */
const answers: Record<
  ScriptMode,
  (model: Model, checks: readonly LimitCheck[], nowMs: number) => readonly Verdict[] | undefined
> = {
  consume(model, checks, nowMs) {
    const { verdicts, kept } = decide(checks, statesOf(model, checks), nowMs);
    keep(model, checks, kept);
    return verdicts;
  },
  look(model, checks, nowMs) {
    const states = statesOf(model, checks);
    const { verdicts } = decide(checks, states, nowMs);
    return verdicts.map((verdict, index) =>
      verdict.allowed ? untouched(checks[index], states[index], nowMs) : verdict,
    );
  },
  refund(model, checks, nowMs) {
    keep(model, checks, giveBack(checks, statesOf(model, checks), nowMs));
    return undefined;
  },
  reset(model, checks) {
    for (const check of checks) model.delete(keyOf("test", check));
    return undefined;
  },
};

function untouched(check: LimitCheck | undefined, state: LimitState | undefined, nowMs: number): Verdict {
  if (check === undefined) throw new TypeError("unreachable: one verdict per check");
  return step(state, { ...check, cost: 0 }, nowMs).verdict;
}

function statesOf(model: Model, checks: readonly LimitCheck[]): (LimitState | undefined)[] {
  return checks.map((check) => model.get(keyOf("test", check)));
}

function keep(model: Model, checks: readonly LimitCheck[], kept: ReturnType<typeof giveBack>): void {
  for (const [index, check] of checks.entries()) {
    const remembered = kept[index];
    if (remembered === undefined) continue;
    if (remembered.state === undefined) model.delete(keyOf("test", check));
    else model.set(keyOf("test", check), remembered.state);
  }
}
