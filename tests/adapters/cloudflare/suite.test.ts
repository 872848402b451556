import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testAdapter } from "../../../src/testing.ts";
import { type RunningWorker, startWorker } from "../../rate-limit/platforms/workerd.ts";
import { handshake } from "../../runtimes/client.ts";
import { startUpstream, type Upstream } from "../../runtimes/upstream.ts";
import { sendToApp } from "../send.ts";

let worker: RunningWorker;
let upstream: Upstream;

beforeAll(async () => {
  upstream = await startUpstream();
  worker = await startWorker(new URL("suite-worker.ts", import.meta.url).href, {
    cf: { colo: "ZRH" },
    durableObjects: { LIMITER: { className: "RateLimiter", useSQLite: true } },
  });
});
afterAll(async () => {
  await worker?.stop();
  await upstream?.close();
});

describe("worker() on workerd, counting in a Durable Object", { timeout: 90_000 }, () => {
  testAdapter(
    sendToApp(() => worker.url),
    {
      test,
      upstream: () => `${upstream.url}/bare`,
      clientIp: "127.0.0.1",
      requestFields: { "cf.colo": "ZRH" },
      openWebSocket: (path) => new WebSocket(new URL(path, worker.url.replace("http:", "ws:"))),
    },
  );

  test("leaves the 101 of a WebSocket untouched", async () => {
    const { status, headers } = await handshake(worker.url, { Origin: "https://app.example.com" });
    expect(status).toBe(101);
    expect(headers.get("sec-websocket-accept")).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    for (const name of ["x-request-id", "content-security-policy", "access-control-allow-origin", "ratelimit"])
      expect(headers.has(name)).toBe(false);
  });
});
