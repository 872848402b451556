import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { testAdapter } from "../../../src/testing.ts";
import type { Running } from "../../runtimes/conformance.ts";
import { pathOf, startProcess } from "../../runtimes/spawn.ts";
import { createApp } from "./app.ts";

async function startDeno(): Promise<Running> {
  const cache = await mkdtemp(join(tmpdir(), "mantlet-deno-"));
  const remove = (): Promise<void> => rm(cache, { recursive: true, force: true });
  const flags = ["--allow-net=127.0.0.1", "--node-modules-dir=manual", "--no-remote", "--no-lock"];
  const env = { DENO_DIR: cache, DENO_NO_UPDATE_CHECK: "1" };
  try {
    const running = await startProcess("deno", ["run", ...flags, server("deno")], env);
    return { ...running, stop: () => running.stop().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

function server(name: string): string {
  return pathOf(`../adapters/hono/servers/${name}.ts`);
}

describe.each<[string, () => Promise<Running>, boolean]>([
  ["Node by @hono/node-server", () => startProcess("node", [server("node")]), false],
  ["Deno", startDeno, true],
  ["Bun", () => startProcess("bun", ["run", "--no-install", server("bun")]), true],
])("Hono under %s", (_, start, hasWebSockets) => {
  let running: Running | undefined;
  beforeAll(async () => {
    running = await start();
  });
  afterAll(() => running?.stop());
  const urlOf = (path: string): URL => new URL(path, running?.url);
  testAdapter((path, init) => fetch(urlOf(path), init), {
    test,
    clientIp: "127.0.0.1",
    ...(hasWebSockets && { openWebSocket: (path: string) => new WebSocket(urlOf(path).href.replace("http", "ws")) }),
  });
});

describe("Hono without a platform", () => {
  const app = createApp();
  testAdapter(async (path, init) => app.request(path, init), { test });
});
