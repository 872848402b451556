import { ConfigError } from "../config-error.ts";
import { type Issues, Options } from "../lib/options.ts";
import {
  type RunScript,
  readScriptStoreOptions,
  type ScriptStoreOptions,
  scriptStore,
} from "../rate-limit/from-script.ts";
import { bySha1, type SendScript } from "../rate-limit/script/by-sha1.ts";
import type { RateLimitStore } from "../rate-limit/store.ts";

export type { ScriptStoreOptions } from "../rate-limit/from-script.ts";

/** The settings of `upstashStore()`. */
export interface UpstashStoreOptions extends ScriptStoreOptions {}

/** What is needed of a `Redis` of @upstash/redis. */
export interface UpstashRedis {
  readonly evalsha: (sha1: string, keys: string[], args: string[]) => Promise<unknown>;
  readonly eval: (script: string, keys: string[], args: string[]) => Promise<unknown>;
}

/**
 * Counts in Upstash Redis, with your client of @upstash/redis: one HTTP request per decision, by the clock of the server.
 * Does no I/O before the first decision.
 *
 * @throws ConfigError when it is no such client, or an option is out of bounds.
 */
export function upstashStore(redis: UpstashRedis, options: UpstashStoreOptions = {}): RateLimitStore {
  const issues: Issues = [];
  const isClient = isFunction(redis, "evalsha") && isFunction(redis, "eval");
  if (!isClient) {
    issues.push({
      path: "upstashStore",
      message: "the client has no evalsha and eval: pass a Redis of @upstash/redis, such as Redis.fromEnv()",
    });
  }
  const read = new Options(options, "upstashStore", issues);
  const shared = readScriptStoreOptions(read);
  read.done();
  if (issues.length > 0) throw new ConfigError(issues);
  return scriptStore({ name: "upstash", run: runOf(redis), isCluster: false, ...shared });
}

function runOf(redis: UpstashRedis): RunScript {
  const once = requesterWithoutRetries(redis);
  if (once === undefined) {
    return bySha1(
      (sha1, keys, args) => redis.evalsha(sha1, keys, args),
      (source, keys, args) => redis.eval(source, keys, args),
    );
  }
  const send =
    (command: string): SendScript =>
    async (script, keys, args, signal) => {
      const body = [command, script, keys.length, ...keys, ...args];
      const answer = await once.request({ body, ...(signal !== undefined && { signal }) });
      // The client turns the abort of a signal into a successful answer.
      signal?.throwIfAborted();
      if (answer.error) throw new Error(answer.error);
      return answer.result;
    };
  return bySha1(send("evalsha"), send("eval"));
}

/** What a client of @upstash/redis sends its requests with. */
interface Requester {
  readonly request: (request: {
    body: unknown[];
    signal?: AbortSignal;
  }) => Promise<{ result?: unknown; error?: string }>;
}

/**
 * The requester of the client, without its retries (5 by default, and still 1 with `retry: false`): a request that got
 * no answer may have counted, and would count twice. The client has no option for one command, neither for retries nor
 * for a signal; so this is an object that inherits from its requester and has another `retry`, which leaves all other
 * commands of the client as they are. `undefined` where the requester is one of the user's own, or of another make.
 */
function requesterWithoutRetries(redis: object): Requester | undefined {
  const client: unknown = "client" in redis ? redis.client : undefined;
  if (!isFunction(client, "request") || !("retry" in client)) return undefined;
  return Object.create(client, { retry: { value: { attempts: 0, backoff: () => 0 } } }) as Requester; // has request, as just found
}

function isFunction(value: unknown, key: string): value is object {
  return typeof value === "object" && value !== null && typeof Reflect.get(value, key) === "function";
}
