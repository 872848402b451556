import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testAdapter } from "../../../src/testing.ts";
import { handshake } from "../../runtimes/client.ts";
import type { Running } from "../../runtimes/conformance.ts";
import { startProcess } from "../../runtimes/spawn.ts";
import { sendToApp } from "../send.ts";

let bun: Running | undefined;
const url = (): string => bun?.url ?? "";

beforeAll(async () => {
  bun = await startProcess("bun", ["run", "--no-install", fileURLToPath(new URL("app.ts", import.meta.url))]);
});
afterAll(() => bun?.stop());

describe("a bare policy under Bun.serve", { timeout: 90_000 }, () => {
  testAdapter(sendToApp(url), {
    test,
    clientIp: "127.0.0.1",
    openWebSocket: (path) => new WebSocket(new URL(path, url().replace("http:", "ws:"))),
  });

  test("leaves the 101 of a WebSocket untouched", async () => {
    const { status, headers } = await handshake(url(), { Origin: "https://app.example.com" });
    expect(status).toBe(101);
    for (const name of ["x-request-id", "content-security-policy", "access-control-allow-origin", "ratelimit"])
      expect(headers.has(name)).toBe(false);
  });
});
