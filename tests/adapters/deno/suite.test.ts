import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testAdapter } from "../../../src/testing.ts";
import { handshake } from "../../runtimes/client.ts";
import type { Running } from "../../runtimes/conformance.ts";
import { sendToApp } from "../send.ts";
import { startDeno } from "./start.ts";

let deno: Running | undefined;
const url = (): string => deno?.url ?? "";

beforeAll(async () => {
  deno = await startDeno("app.ts", ["--unstable-kv", "--allow-net=127.0.0.1"]);
});
afterAll(() => deno?.stop());

describe("denoHandler() under Deno.serve, counting in Deno KV, with no permission but the network", {
  timeout: 90_000,
}, () => {
  testAdapter(sendToApp(url), {
    test,
    clientIp: "127.0.0.1",
    openWebSocket: (path) => new WebSocket(new URL(path, url().replace("http:", "ws:"))),
  });

  test("leaves the 101 of a WebSocket untouched", async () => {
    const { status, headers } = await handshake(url(), { Origin: "https://app.example.com" });
    expect(status).toBe(101);
    expect(headers.get("sec-websocket-accept")).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    for (const name of ["x-request-id", "content-security-policy", "access-control-allow-origin", "ratelimit"])
      expect(headers.has(name)).toBe(false);
  });

  test("admits exactly the limit of 200 concurrent requests", async () => {
    const responses = await Promise.all(Array.from({ length: 200 }, () => sendToApp(url)("/counted", {})));
    const statuses = responses.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(50);
    expect(statuses.filter((status) => status === 429)).toHaveLength(150);
  });
});
