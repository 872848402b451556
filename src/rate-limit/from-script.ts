import { ConfigError } from "../config-error.ts";
import { type Issues, Options } from "../lib/options.ts";
import { identityByIdentity } from "./identity-by-identity.ts";
import { keyOf, readName, readPrefix } from "./key.ts";
import { type ScriptMode, scriptArguments } from "./script/arguments.ts";
import { readReply } from "./script/reply.ts";
import { type LimitScript, limitScript } from "./script/script.ts";
import type { LimitCheck, RateLimitStore, Verdict } from "./store.ts";

/** Runs the script once on the server that has the keys, and gives its reply. It must not try again by itself. */
export type RunScript = (
  script: LimitScript,
  keys: readonly string[],
  args: readonly string[],
  signal: AbortSignal | undefined,
) => Promise<unknown>;

/** The settings that every store on Redis has. */
export interface ScriptStoreOptions {
  /** What all keys begin with: 1 to 64 characters, no braces. Default: `"mantlet"`. */
  readonly prefix?: string;
  /** How long a decision may take, 1 to 60,000. Default: 250. */
  readonly timeoutMs?: number;
}

/** What makes a store of something that runs Lua scripts. */
export interface FromScriptOptions extends ScriptStoreOptions {
  /** Names the store in errors. */
  readonly name: string;
  /** `bySha1` makes one of EVALSHA and EVAL. */
  readonly run: RunScript;
  /** Keys of different identities may be on different servers, and are then decided one after the other. Default: false. */
  readonly isCluster?: boolean;
}

/**
 * A store on anything that runs Lua scripts as Redis does. All checks are decided by one script, by the clock of the
 * server. Does no I/O before the first decision.
 *
 * @throws ConfigError when an option is out of bounds.
 */
export function fromScript(options: FromScriptOptions): RateLimitStore {
  const issues: Issues = [];
  const read = new Options(options, "fromScript", issues);
  const name = readName(read);
  const run = read.function<RunScript>("run");
  if (read.get("run") === undefined) read.refuse("run", "is missing: write the function that runs a script");
  const isCluster = read.boolean("isCluster") ?? false;
  const shared = readScriptStoreOptions(read);
  read.done();
  if (issues.length > 0 || run === undefined) throw new ConfigError(issues);
  return scriptStore({ name, run, isCluster, ...shared });
}

/** The options that all stores on Redis share, checked. */
export function readScriptStoreOptions(read: Options): Required<ScriptStoreOptions> {
  return { prefix: readPrefix(read), timeoutMs: read.integer("timeoutMs", 1, 60_000, "milliseconds") ?? 250 };
}

/** `fromScript`, its options being checked. */
export function scriptStore({ name, run, isCluster, prefix, timeoutMs }: Required<FromScriptOptions>): RateLimitStore {
  const ask = async (
    mode: ScriptMode,
    checks: readonly LimitCheck[],
    signal?: AbortSignal,
  ): Promise<readonly Verdict[]> => {
    if (checks.length === 0) return [];
    const keys = checks.map((check) => keyOf(prefix, check));
    return readReply(await run(limitScript, keys, scriptArguments(mode, checks), signal), checks.length);
  };
  const { consume, each } = isCluster
    ? identityByIdentity(ask)
    : { consume: ask.bind(undefined, "consume"), each: ask };
  return {
    name,
    capabilities: {
      algorithms: ["gcra", "fixed-window", "sliding-window", "sliding-log"],
      exact: true,
      atomic: !isCluster,
      remaining: true,
    },
    timeoutMs,
    consume: (checks, { signal }) => consume(checks, signal),
    refund: async (checks, { signal }) => {
      await each("refund", checks, signal);
    },
    reset: async (checks) => {
      await each(
        "reset",
        checks.map((check) => ({ ...check, cost: 0 })),
      );
    },
  };
}
