import type { LimitCheck, Verdict } from "../store.ts";
import { step, unstep } from "./algorithms.ts";
import type { LimitState, Remembered } from "./state.ts";

/** Checks that were decided together. */
export interface Decision {
  readonly verdicts: readonly Verdict[];
  /** What to keep for each check, in their order (the last one of a key counts); `undefined`: nothing changes. */
  readonly kept: readonly (Remembered | undefined)[];
}

/**
 * Decides checks together: every one is admitted and consumed, or none. The numbers of the verdicts tell what the decision
 * leaves: of a check that was not consumed, because it peeks or because another was refused, what it has without it.
 *
 * @param states What was remembered for each check.
 */
export function decide(
  checks: readonly LimitCheck[],
  states: readonly (LimitState | undefined)[],
  nowMs: number,
): Decision {
  const kept: (Remembered | undefined)[] = [];
  const verdicts = checks.map((check, index): Verdict => {
    const before = (lastKept(checks, kept, index) ?? { state: states[index] }).state;
    const { verdict, state, ttlMs } = step(before, check, nowMs);
    const consumes = verdict.allowed && check.cost > 0 && !check.peek;
    kept.push(consumes ? { state, ttlMs } : undefined);
    return verdict.allowed && check.peek ? untouched(check, before, nowMs) : verdict;
  });
  if (verdicts.every(({ allowed }) => allowed)) return { verdicts, kept };
  return {
    verdicts: verdicts.map((verdict, index) => {
      const check = checks[index];
      return check !== undefined && verdict.allowed ? untouched(check, states[index], nowMs) : verdict;
    }),
    kept: checks.map(() => undefined),
  };
}

/** What to keep for each check when what they took is given back. */
export function giveBack(
  checks: readonly LimitCheck[],
  states: readonly (LimitState | undefined)[],
  nowMs: number,
): readonly (Remembered | undefined)[] {
  const kept: (Remembered | undefined)[] = [];
  for (const [index, check] of checks.entries()) {
    const before = (lastKept(checks, kept, index) ?? { state: states[index] }).state;
    kept.push(before === undefined || check.cost === 0 || check.peek ? undefined : unstep(before, check, nowMs));
  }
  return kept;
}

function untouched(check: LimitCheck, state: LimitState | undefined, nowMs: number): Verdict {
  return step(state, { ...check, cost: 0 }, nowMs).verdict;
}

/** What an earlier check of the same bucket left: one bucket may be asked twice in a decision. */
function lastKept(
  checks: readonly LimitCheck[],
  kept: readonly (Remembered | undefined)[],
  index: number,
): Remembered | undefined {
  const check = checks[index];
  for (let earlier = index - 1; earlier >= 0; earlier--) {
    const other = checks[earlier];
    const isSame = other?.identity === check?.identity && other?.limit.id === check?.limit.id;
    if (isSame && kept[earlier] !== undefined) return kept[earlier];
  }
  return undefined;
}
