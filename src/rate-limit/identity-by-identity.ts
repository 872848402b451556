import type { ScriptMode } from "./script/arguments.ts";
import type { LimitCheck, Verdict } from "./store.ts";
import { unknownVerdict } from "./unknown-verdict.ts";

/** Asks the store about checks of one identity. */
type Ask = (mode: ScriptMode, checks: readonly LimitCheck[], signal?: AbortSignal) => Promise<readonly Verdict[]>;

/** The checks of one identity, and where they stand in the call. */
interface Group {
  readonly checks: LimitCheck[];
  readonly places: number[];
}

interface IdentityByIdentity {
  readonly consume: (checks: readonly LimitCheck[], signal?: AbortSignal) => Promise<readonly Verdict[]>;
  readonly each: (mode: ScriptMode, checks: readonly LimitCheck[], signal?: AbortSignal) => Promise<void>;
}

/**
 * For stores that decide together only what is of one identity: Redis Cluster runs a script on keys of one slot, and a
 * Durable Object knows its own. Identities are decided in
 * order: where one is refused, what those before it took is given back, and those after it are only looked at.
 */
export function identityByIdentity(ask: Ask): IdentityByIdentity {
  return {
    async consume(checks, signal) {
      const groups = groupsOf(checks);
      const verdicts: Verdict[] = [];
      for (const [index, { checks: group, places }] of groups.entries()) {
        const earlier = groups.slice(0, index);
        const decided = await ask("consume", group, signal).catch(async (error: unknown) => {
          // Who cannot be refunded now keeps what it took: that is stricter, never looser.
          await Promise.allSettled(earlier.map(({ checks }) => ask("refund", checks)));
          throw error;
        });
        put(verdicts, places, decided);
        if (decided.every(({ allowed }) => allowed)) continue;
        await Promise.all([
          ...earlier.map((group) => fill(verdicts, group, ask("refund", group.checks))),
          ...groups.slice(index + 1).map((group) => fill(verdicts, group, ask("look", group.checks, signal))),
        ]);
        break;
      }
      return verdicts;
    },
    async each(mode, checks, signal) {
      await Promise.all(groupsOf(checks).map((group) => ask(mode, group.checks, signal)));
    },
  };
}

function groupsOf(checks: readonly LimitCheck[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const [place, check] of checks.entries()) {
    const group = groups.get(check.identity) ?? { checks: [], places: [] };
    groups.set(check.identity, group);
    group.checks.push(check);
    group.places.push(place);
  }
  return [...groups.values()];
}

function put(verdicts: Verdict[], places: readonly number[], decided: readonly Verdict[]): void {
  for (const [index, place] of places.entries()) verdicts[place] = decided[index] ?? unknownVerdict;
}

/** The call is refused already: where the numbers of another identity cannot be had, they are unknown. */
async function fill(
  verdicts: Verdict[],
  { checks, places }: Group,
  answer: Promise<readonly Verdict[]>,
): Promise<void> {
  put(verdicts, places, await answer.catch(() => checks.map(() => unknownVerdict)));
}
