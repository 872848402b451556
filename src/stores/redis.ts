import { ConfigError } from "../config-error.ts";
import { type Issues, Options } from "../lib/options.ts";
import {
  type RunScript,
  readScriptStoreOptions,
  type ScriptStoreOptions,
  scriptStore,
} from "../rate-limit/from-script.ts";
import { bySha1 } from "../rate-limit/script/by-sha1.ts";
import type { RateLimitStore } from "../rate-limit/store.ts";

export type { ScriptStoreOptions } from "../rate-limit/from-script.ts";

/** The settings of `redisStore()`. */
export interface RedisStoreOptions extends ScriptStoreOptions {}

/** What is needed of a client, cluster, sentinel or pool of node-redis (the package `redis`). */
export interface NodeRedisClient {
  readonly evalSha: (sha1: string, options: { keys: string[]; arguments: string[] }) => Promise<unknown>;
  readonly eval: (script: string, options: { keys: string[]; arguments: string[] }) => Promise<unknown>;
}

/** What is needed of a `Redis` or `Cluster` of ioredis. */
export interface IoRedisClient {
  readonly evalsha: (sha1: string, numberOfKeys: number, ...keysAndArgs: string[]) => Promise<unknown>;
  readonly eval: (script: string, numberOfKeys: number, ...keysAndArgs: string[]) => Promise<unknown>;
}

/**
 * Counts in Redis, 5 or newer, or Redis Cluster, with your client of node-redis or ioredis: one command per decision, by
 * the clock of the server. Does no I/O before the first decision; connecting and closing the client is yours.
 *
 * @throws ConfigError when the client is neither, or an option is out of bounds.
 */
export function redisStore(client: NodeRedisClient | IoRedisClient, options: RedisStoreOptions = {}): RateLimitStore {
  const issues: Issues = [];
  const run = runOf(client);
  if (run === undefined) {
    issues.push({
      path: "redisStore",
      message:
        "the client has no evalSha and eval (node-redis), nor evalsha and eval (ioredis): pass a client of one of them",
    });
  }
  const read = new Options(options, "redisStore", issues);
  const shared = readScriptStoreOptions(read);
  read.done();
  if (issues.length > 0 || run === undefined) throw new ConfigError(issues);
  return scriptStore({ name: "redis", run, isCluster: isCluster(client), ...shared });
}

function runOf(client: unknown): RunScript | undefined {
  if (has(client, "evalSha") && has(client, "eval")) return runNodeRedis(client as unknown as NodeRedisClient); // as just found
  if (has(client, "evalsha") && has(client, "eval")) return runIoRedis(client as unknown as IoRedisClient); // as just found
  return undefined;
}

function runNodeRedis(client: NodeRedisClient): RunScript {
  return bySha1(
    (sha1, keys, args, signal) => abortable(client, signal).evalSha(sha1, { keys, arguments: args }),
    (source, keys, args, signal) => abortable(client, signal).eval(source, { keys, arguments: args }),
  );
}

/** node-redis drops a command that waits for a connection when its signal aborts: else it would count later. */
function abortable(client: NodeRedisClient, signal: AbortSignal | undefined): NodeRedisClient {
  if (signal === undefined) return client;
  if (has(client, "withAbortSignal")) return client.withAbortSignal(signal) as NodeRedisClient; // a view of the client
  if (has(client, "withCommandOptions")) return client.withCommandOptions({ abortSignal: signal }) as NodeRedisClient; // the same, of a cluster
  return client;
}

/** ioredis takes no signal. */
function runIoRedis(client: IoRedisClient): RunScript {
  return bySha1(
    (sha1, keys, args) => client.evalsha(sha1, keys.length, ...keys, ...args),
    (source, keys, args) => client.eval(source, keys.length, ...keys, ...args),
  );
}

/** ioredis says so; of node-redis, only a cluster has masters. */
function isCluster(client: object): boolean {
  return ("isCluster" in client && client.isCluster === true) || "masters" in client;
}

function has<K extends string>(value: unknown, key: K): value is Record<K, (...args: readonly unknown[]) => unknown> {
  return typeof value === "object" && value !== null && key in value && typeof Reflect.get(value, key) === "function";
}
