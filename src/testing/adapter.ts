import { answerLaws } from "./adapter-answers.ts";
import { refusalLaws } from "./adapter-refusals.ts";
import { bodyLaws, testWebSocket, trafficLaws } from "./adapter-traffic.ts";
import type { AdapterUnderTest, SendToApp } from "./adapter-under-test.ts";
import type { RegisterTest } from "./store.ts";

/** The settings of `testAdapter()`. */
export interface TestAdapterOptions {
  readonly test: RegisterTest;
  /**
   * A URL that the app can fetch and that answers `{"from":"upstream"}`. Default: a `data:` URL, which Workers cannot
   * fetch.
   */
  readonly upstream?: string | (() => string);
  /** The address that the platform tells of the tests' requests. Default: none is expected. */
  readonly clientIp?: string;
  /**
   * What the platform puts on its requests, each with its value: `{ "nextUrl.pathname": "/fields" }`. It must be there
   * on the request that the handler gets, also when a body is counted. Default: nothing.
   */
  readonly requestFields?: Readonly<Record<string, unknown>>;
  /** Opens a WebSocket to `/websocket` of the app, which echoes. Default: the platform has none. */
  readonly openWebSocket?: (path: string) => WebSocket;
  /** How many requests are sent at once. Default: 1000. */
  readonly concurrency?: number;
}

const plainUpstream = `data:application/json,${/* @__PURE__ */ encodeURIComponent('{"from":"upstream"}')}`;

/**
 * Tests an adapter as those of this package are tested: it registers some thirty tests of an app that runs on the real
 * platform, with the policy of `adapterPolicy()` around `adapterHandlers`.
 *
 * @param send - Sends a request to a path of the app.
 *
 * @example
 * ```ts
 * import { testAdapter } from "mantlet/testing";
 * import { test } from "vitest"; // or node:test, bun:test, Deno.test
 *
 * testAdapter((path, init) => fetch(new URL(path, origin), init), { test, clientIp: "127.0.0.1" });
 * ```
 */
export function testAdapter(send: SendToApp, options: TestAdapterOptions): void {
  const { test, upstream = plainUpstream, clientIp, requestFields = {}, openWebSocket, concurrency = 1000 } = options;
  for (const { name, run } of [...answerLaws, ...refusalLaws, ...bodyLaws, ...trafficLaws]) {
    test(name, async () => {
      const url = typeof upstream === "function" ? upstream() : upstream;
      const subject: AdapterUnderTest = { send, upstream: url, clientIp, requestFields, concurrency };
      await run(subject);
    });
  }
  if (openWebSocket !== undefined)
    test("lets a WebSocket be opened, and carries its messages", () => testWebSocket(openWebSocket));
}
