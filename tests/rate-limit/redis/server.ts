import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createClient } from "redis";
import { describe } from "vitest";

/** What puts a redis-server where these tests find it. */
export const installCommand = "sudo apt-get install -y redis-server";

const serverPath: string | undefined = (process.env.PATH ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "redis-server"))
  .find(isExecutable);

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A suite that needs a redis-server: skipped where there is none, except in CI, where it fails. */
export function describeWithRedis(title: string, suite: () => void): void {
  const isSkipped = serverPath === undefined && !process.env.CI;
  const hint = serverPath === undefined ? ` (redis-server is missing, install it: ${installCommand})` : "";
  if (isSkipped) console.warn(`Skipped: ${title}${hint}`);
  describe.skipIf(isSkipped)(`${title}${hint}`, suite);
}

export interface RedisServer {
  readonly port: number;
  /** Ends it as a crash does. */
  readonly kill: () => Promise<void>;
  /** Starts it again, empty, on the same port. */
  readonly start: () => Promise<void>;
  /** Ends it and removes its files. */
  readonly close: () => Promise<void>;
}

/** Starts a redis-server on a free port, with its files in a temporary folder. */
export async function startRedis(extra: readonly string[] = []): Promise<RedisServer> {
  if (serverPath === undefined)
    throw new Error(`redis-server is missing, and CI must not pass without it: ${installCommand}`);
  const path = serverPath;
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "mantlet-redis-"));
  const settings = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"];
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = spawn(path, [...settings, ...extra], { stdio: "ignore" });
    await untilReady(port);
  };
  const kill = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGKILL");
    await ended;
  };
  const close = async (): Promise<void> => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await close();
    throw error;
  }
  return { port, kill, start, close };
}

/** Does something with a connection of its own. */
async function connected<T>(
  port: number,
  use: (send: (...args: string[]) => Promise<unknown>) => Promise<T>,
): Promise<T> {
  const client = createClient({ socket: { host: "127.0.0.1", port, reconnectStrategy: false } });
  client.on("error", () => undefined); // the rejection of connect() tells
  await client.connect();
  try {
    return await use((...args) => client.sendCommand(args));
  } finally {
    client.destroy();
  }
}

/** Sends one command. */
export function command(port: number, ...args: readonly string[]): Promise<unknown> {
  return connected(port, (send) => send(...args));
}

/** How often the server ran each command since CONFIG RESETSTAT. */
export async function commandCounts(port: number): Promise<Record<string, number>> {
  const stats = String(await command(port, "INFO", "commandstats"));
  return Object.fromEntries(
    [...stats.matchAll(/cmdstat_([\w|]+):calls=(\d+)/g)].map(([, name, calls]) => [name, Number(calls)]),
  );
}

/** All keys, each with a hash of its value as the server would dump it. */
export function dumpAll(port: number): Promise<Record<string, string>> {
  return connected(port, async (send) => {
    const keys = ((await send("KEYS", "*")) as string[]).sort();
    const dump = "return redis.sha1hex(redis.call('DUMP', KEYS[1]))";
    const values = await Promise.all(keys.map((key) => send("EVAL", dump, "1", key)));
    return Object.fromEntries(keys.map((key, index) => [key, String(values[index])]));
  });
}

/** The keys that would never go away. */
export function immortalKeys(
  port: number,
): Promise<{ readonly keys: readonly string[]; readonly immortal: readonly string[] }> {
  return connected(port, async (send) => {
    const keys = (await send("KEYS", "*")) as string[];
    const left = await Promise.all(keys.map((key) => send("PTTL", key)));
    return { keys, immortal: keys.filter((_, index) => left[index] === -1) };
  });
}

async function untilReady(port: number): Promise<void> {
  await until(
    async () => (await command(port, "PING").catch(() => undefined)) === "PONG",
    "redis-server did not start",
  );
}

/** Waits until it holds. */
export async function until(holds: () => Promise<boolean>, otherwise: string, timeoutMs = 15_000): Promise<void> {
  const endMs = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error(otherwise);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}
