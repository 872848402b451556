import { createHash } from "node:crypto";
import type { RunScript } from "../../../src/rate-limit/from-script.ts";
import { keyOf } from "../../../src/rate-limit/key.ts";
import { type ScriptMode, scriptArguments } from "../../../src/rate-limit/script/arguments.ts";
import { readReply } from "../../../src/rate-limit/script/reply.ts";
import { type LimitScript, limitScript } from "../../../src/rate-limit/script/script.ts";
import type { LimitCheck, RateLimitStore, Verdict } from "../../../src/rate-limit/store.ts";
import { algorithms } from "./limits.ts";

/** Without it the server would forget keys by its own time, which is not that of the test. */
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

const source = withoutExpiry + limitScript.source;
const timelessScript: LimitScript = { source, sha1: createHash("sha1").update(source).digest("hex") };

/** Asks the script, at a time that the test chooses. */
export type Ask = (mode: ScriptMode, checks: readonly LimitCheck[], nowMs: number) => Promise<readonly Verdict[]>;

export function askOf(run: RunScript): Ask {
  return async (mode, checks, nowMs) => {
    if (checks.length === 0) return [];
    const args = scriptArguments(mode, checks, nowMs);
    return readReply(await run(timelessScript, checks.map(testKey), args, undefined), checks.length);
  };
}

export function testKey(check: LimitCheck): string {
  return keyOf("test", check);
}

/** The script as a store that counts by the clock of its caller. */
export function callerClockStore(ask: Ask): RateLimitStore {
  return {
    name: "caller's clock",
    capabilities: { algorithms, exact: true, atomic: true, remaining: true },
    consume: (checks, { nowMs }) => ask("consume", checks, nowMs),
    refund: async (checks, { nowMs }) => {
      await ask("refund", checks, nowMs);
    },
    reset: async (checks) => {
      const free = checks.map((check) => ({ ...check, cost: 0 }));
      await ask("reset", free, 0);
    },
  };
}
