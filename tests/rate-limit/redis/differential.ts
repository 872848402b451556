import { isDeepStrictEqual } from "node:util";
import { step } from "../../../src/rate-limit/algorithms/algorithms.ts";
import { decide, giveBack } from "../../../src/rate-limit/algorithms/decide.ts";
import type { LimitState } from "../../../src/rate-limit/algorithms/state.ts";
import type { ScriptMode } from "../../../src/rate-limit/script/arguments.ts";
import type { LimitCheck, RateLimitAlgorithm, Verdict } from "../../../src/rate-limit/store.ts";
import { Random } from "../../../src/testing/random.ts";
import { someone } from "./limits.ts";
import { checkOf, limitsOf, pauseAfter } from "./random-use.ts";
import { type Ask, testKey } from "./virtual-clock.ts";

const chapterLength = 200;

const modes: readonly [ScriptMode, ...ScriptMode[]] = [
  "consume",
  "consume",
  "consume",
  "consume",
  "consume",
  "refund",
  "look",
];

/**
 * Does random things to the script and to the reducers, and gives every difference. In chapters: each has limits of its
 * own, begins today with nothing remembered, and is sent at once.
 */
export async function differences(
  ask: Ask,
  algorithm: RateLimitAlgorithm,
  operations: number,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (let seed = 0; seed * chapterLength < operations; seed++) {
    found.push(...(await chapter(ask, algorithm, new Random(seed), `${algorithm}, seed ${seed}`)));
  }
  return found;
}

async function chapter(ask: Ask, algorithm: RateLimitAlgorithm, random: Random, title: string): Promise<string[]> {
  const limits = limitsOf(random, algorithm);
  const identities = [someone(), someone(), someone()] as const;
  const buckets = identities.flatMap((identity) => limits.map((limit) => ({ identity, limit, cost: 0 })));
  const { windowMs: paceMs } = random.pick(limits);
  const model: Model = new Map();
  let nowMs = Date.now();
  await ask("reset", buckets, nowMs); // teaches the server the script, so that what follows is run in its order
  const asked = [];
  for (let count = 0; count < chapterLength; count++) {
    const checks = Array.from({ length: 1 + random.below(3) }, () => checkOf(random, limits, identities));
    const mode = random.below(50) === 0 ? "reset" : random.pick(modes);
    const expected = answers[mode](model, checks, nowMs);
    asked.push({ operation: { mode, checks, nowMs }, expected, reply: ask(mode, checks, nowMs) });
    nowMs += pauseAfter(random, expected ?? [], paceMs);
  }
  const replies = await Promise.all(asked.map(({ reply }) => reply));
  await ask("reset", buckets, nowMs);
  return asked.flatMap(({ operation, expected }, index) =>
    expected === undefined || isDeepStrictEqual(replies[index], expected)
      ? []
      : [`${title}, operation ${index}: ${JSON.stringify({ ...operation, expected, actual: replies[index] })}`],
  );
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
    for (const check of checks) model.delete(testKey(check));
    return undefined;
  },
};

function untouched(check: LimitCheck | undefined, state: LimitState | undefined, nowMs: number): Verdict {
  if (check === undefined) throw new TypeError("unreachable: one verdict per check");
  return step(state, { ...check, cost: 0 }, nowMs).verdict;
}

function statesOf(model: Model, checks: readonly LimitCheck[]): (LimitState | undefined)[] {
  return checks.map((check) => model.get(testKey(check)));
}

function keep(model: Model, checks: readonly LimitCheck[], kept: ReturnType<typeof giveBack>): void {
  for (const [index, check] of checks.entries()) {
    const remembered = kept[index];
    if (remembered === undefined) continue;
    if (remembered.state === undefined) model.delete(testKey(check));
    else model.set(testKey(check), remembered.state);
  }
}
