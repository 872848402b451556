import { setTimeout as wait } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { policy } from "../../src/index.ts";
import { expectProblem, get, ok, recorder, silent } from "../lib/harness.ts";

const late = { handlerTimeoutMs: 10, onEvent: silent };
const inTime = { handlerTimeoutMs: 2_147_483_647, onEvent: silent };

afterEach(() => {
  vi.useRealTimers();
});

/** Resolves when the signal aborts, as work that minds it does. */
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));

describe("a handler that is late", () => {
  test("is answered for with 503 handler_timeout", async () => {
    const response = await policy(late)(() => new Promise<Response>(() => {}))(get());
    expect(response.headers.get("retry-after")).toMatch(/^\d+$/);
    await expectProblem(response, 503, "handler_timeout");
  });

  test("is told by context.signal", async () => {
    let signal: AbortSignal | undefined;
    const fetch = policy(late)(async (_request, context) => {
      signal = context.signal;
      expect(signal.aborted).toBe(false);
      await aborted(signal);
      return ok();
    });
    await expectProblem(await fetch(get()), 503, "handler_timeout");
    expect(signal?.aborted).toBe(true);
    expect(signal?.reason).toMatchObject({ name: "TimeoutError" });
  });

  test("has its result dropped", async () => {
    let finish = (_response: Response): void => {};
    const fetch = policy(late)(
      () =>
        new Promise<Response>((resolve) => {
          finish = resolve;
        }),
    );
    const response = await fetch(get());
    finish(new Response("late", { status: 201 }));
    await wait(1);
    await expectProblem(response, 503, "handler_timeout");
  });

  test("that then throws breaks nothing", async () => {
    const { events, onEvent } = recorder();
    const fetch = policy({ handlerTimeoutMs: 10, onEvent })(async (_request, { signal }) => {
      await aborted(signal);
      throw new Error("canary");
    });
    const response = await fetch(get());
    await wait(1);
    expect(await response.clone().text()).not.toContain("canary");
    await expectProblem(response, 503, "handler_timeout");
    expect(events.filter(({ type }) => type === "handler_error")).toHaveLength(1);
  });

  test("that obeys its signal makes no error of it, and onError is not asked", async () => {
    const { events, onEvent } = recorder();
    const onError = vi.fn(() => ok());
    const fetch = policy({ handlerTimeoutMs: 10, onEvent, onError })(async (_request, { signal }) => {
      await aborted(signal);
      signal.throwIfAborted();
      return ok();
    });
    await expectProblem(await fetch(get()), 503, "handler_timeout");
    await wait(1);
    expect(events).toMatchObject([{ type: "refused", code: "handler_timeout" }]);
    expect(onError).not.toHaveBeenCalled();
  });

  test("is told of as an event, as other refusals are", async () => {
    const { events, onEvent } = recorder();
    await policy({ handlerTimeoutMs: 10, onEvent })(() => new Promise<Response>(() => {}))(get("/slow"));
    expect(events).toMatchObject([{ type: "refused", code: "handler_timeout", status: 503, path: "/slow" }]);
  });

  test("is told of once where the handler had a body that is too long, too", async () => {
    const { events, onEvent } = recorder();
    const api = policy({ handlerTimeoutMs: 20, content: { maxBodyBytes: 4 }, onEvent });
    const fetch = api(async (request) => {
      await request.text().catch(() => {});
      return new Promise<Response>(() => {});
    });
    const headers = { "content-type": "application/json", "transfer-encoding": "chunked" };
    const request = new Request("https://api.example.com/", { method: "POST", headers, body: "[1,2,3]" });
    await expectProblem(await fetch(request), 413, "content_too_large");
    expect(events).toMatchObject([{ type: "refused", code: "content_too_large" }]);
  });

  test("has a 503 that allowed origins can read", async () => {
    const origin = "https://app.example.com";
    const fetch = policy({ ...late, cors: { origins: [origin] } })(() => new Promise<Response>(() => {}));
    const response = await fetch(get("/", { origin }));
    expect(response.headers.get("access-control-allow-origin")).toBe(origin);
    await expectProblem(response, 503, "handler_timeout");
  });

  test("after others were in time is late alone", async () => {
    const fetch = policy(late)((request) => (request.url.endsWith("/slow") ? new Promise<Response>(() => {}) : ok()));
    const [slow, fast] = await Promise.all([fetch(get("/slow")), fetch(get("/fast"))]);
    expect(fast.status).toBe(200);
    await expectProblem(slow, 503, "handler_timeout");
  });
});

describe("a handler that is in time", () => {
  test.each([
    ["asynchronous", async () => new Response("made", { status: 201, headers: { "x-made-by": "handler" } })],
    ["synchronous", () => new Response("made", { status: 201, headers: { "x-made-by": "handler" } })],
  ])("and %s is untouched", async (_how, handler) => {
    const response = await policy(inTime)(handler)(get());
    expect([response.status, response.headers.get("x-made-by"), await response.text()]).toEqual([
      201,
      "handler",
      "made",
    ]);
  });

  test.each([
    ["asynchronously", async (): Promise<Response> => Promise.reject(new Error("canary"))],
    [
      "synchronously",
      (): Response => {
        throw new Error("canary");
      },
    ],
  ])("and fails %s is a 500, its timer cleared", async (_how, handler) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await expectProblem(await policy(inTime)(handler)(get()), 500, "internal_error");
    expect(vi.getTimerCount()).toBe(0);
  });

  test("leaves no timer behind", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    let running = 0;
    const fetch = policy(inTime)(async () => {
      await Promise.resolve();
      running = vi.getTimerCount();
      return ok();
    });
    expect((await fetch(get())).status).toBe(200);
    expect([running, vi.getTimerCount()]).toEqual([1, 0]);
  });

  test("never sees its signal abort, also while its response is still being read", async () => {
    let signal: AbortSignal | undefined;
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        await wait(30);
        controller.enqueue(new TextEncoder().encode("slow but sure"));
        controller.close();
      },
    });
    const fetch = policy(late)((_request, context) => {
      signal = context.signal;
      return new Response(body);
    });
    expect(await (await fetch(get())).text()).toBe("slow but sure");
    expect(signal?.aborted).toBe(false);
  });
});

test("context.signal aborts also when the client is gone", async () => {
  const controller = new AbortController();
  let signal: AbortSignal | undefined;
  const fetch = policy(inTime)((_request, context) => {
    signal = context.signal;
    return ok();
  });
  await fetch(new Request("https://api.example.com/", { signal: controller.signal }));
  controller.abort(new Error("gone"));
  expect(signal?.reason).toMatchObject({ message: "gone" });
});

test("without handlerTimeoutMs a handler has all the time it needs", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  let timers = -1;
  await policy({ onEvent: silent })(async () => {
    await Promise.resolve();
    timers = vi.getTimerCount();
    return ok();
  })(get());
  expect(timers).toBe(0);
});
