import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { type PolicyEvent, policy } from "../../src/index.ts";
import { expectProblem, recorder, silent } from "../lib/harness.ts";
import { carriers, echo, send, sending } from "./support.ts";

const content = { maxBodyBytes: 6, accepts: ["text/plain"] };

const sendStream = (stream: ReadableStream<Uint8Array>, fields: Readonly<Record<string, string>> = {}): Request =>
  send({ headers: { "content-type": "text/plain", ...fields }, body: stream });

/** More than is taken and dropped for the sake of the connection. */
const muchTooMuch = "x".repeat(1_048_577);

describe.each(carriers)("a stream that passes the limit, %s", (_how, fields) => {
  // Servers end a body where Content-Length says, so that it is taken as a whole: none of them has a longer one.
  test.skipIf("content-length" in fields)("is 413, and its sender is told to stop", async () => {
    const { events, onEvent } = recorder();
    const sender = sending("1234", "5678", muchTooMuch, "never", "never");
    const response = await policy({ content, onEvent })(echo)(sendStream(sender.stream, fields));
    await expectProblem(response, 413, "content_too_large");
    await vi.waitFor(() => expect(sender.isCancelled).toBe(true));
    expect(sender.pulled).toBe(3);
    expect(events).toMatchObject([{ type: "refused", code: "content_too_large", status: 413 }]);
  });

  test("is taken to its end where that is near, so that the connection can go on", async () => {
    const sender = sending("1234", "5678", "9");
    await policy({ content, onEvent: silent })(echo)(sendStream(sender.stream, fields));
    await vi.waitFor(() => expect(sender.pulled).toBe(3));
    expect(sender.isCancelled).toBe(false);
  });

  test("is 413 also where the handler swallows the error", async () => {
    const fetch = policy({ content, onEvent: silent })(async (request) => {
      const text = await request.text().catch(() => "nothing");
      return Response.json({ text }, { headers: { "x-made-by": "handler" } });
    });
    const response = await fetch(sendStream(sending("1234", "5678").stream, fields));
    expect(response.headers.has("x-made-by")).toBe(false);
    await expectProblem(response, 413, "content_too_large");
  });

  test("never reaches onError", async () => {
    const { events, onEvent } = recorder();
    let called = 0;
    const onError = (): Response => {
      called++;
      return Response.json({ error: "mine" });
    };
    const response = await policy({ content, onEvent, onError })(echo)(sendStream(sending("12345678").stream, fields));
    await expectProblem(response, 413, "content_too_large");
    expect(called).toBe(0);
    expect(events.map(({ type }) => type)).toEqual(["refused"]);
  });

  test("lets the handler see what stopped it", async () => {
    let seen: unknown;
    const fetch = policy({ content, onEvent: silent })(async (request) => {
      seen = await request.text().catch((error: unknown) => error);
      return new Response(null);
    });
    await fetch(sendStream(sending("12345678").stream, fields));
    expect(seen).toMatchObject({ name: "BodyTooLargeError", status: 413, message: expect.stringContaining("6 bytes") });
  });
});

test.each([
  ["a coded body, for who decoded it may have left that there", { "content-encoding": "gzip" }],
  ["a body in chunks, which are what counts (RFC 9112 §6.3)", { "transfer-encoding": "chunked" }],
])("whatever Content-Length says, %s is counted as it comes", async (_, fields) => {
  const sender = sending("1234", "5678", muchTooMuch, "never", "never");
  const coded = sendStream(sender.stream, { "content-length": "2", ...fields });
  const fetch = policy({ content: { ...content, acceptEncodings: ["gzip"] }, onEvent: silent })(echo);
  await expectProblem(await fetch(coded), 413, "content_too_large");
  await vi.waitFor(() => expect(sender.isCancelled).toBe(true));
});

test("chunks that fit exactly pass", async () => {
  const response = await policy({ content, onEvent: silent })(echo)(sendStream(sending("1234", "", "56").stream));
  expect(await response.json()).toEqual({ text: "123456" });
});

test("a body is not buffered: the first chunk is there before the last is sent", async () => {
  const order: string[] = [];
  let send = (_chunk: string | undefined): void => {};
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      send = (chunk) => {
        order.push(`sent ${chunk ?? "end"}`);
        if (chunk === undefined) controller.close();
        else controller.enqueue(new TextEncoder().encode(chunk));
      };
    },
  });
  const fetch = policy({ content, onEvent: silent })(async (request) => {
    const decoder = new TextDecoder();
    for await (const chunk of request.body ?? []) {
      const text = decoder.decode(chunk);
      order.push(`read ${text}`);
      send(text === "one" ? "two" : undefined);
    }
    return new Response(null);
  });
  const answer = fetch(sendStream(stream));
  send("one");
  expect((await answer).status).toBe(200);
  expect(order).toEqual(["sent one", "read one", "sent two", "read two", "sent end"]);
});

test("nothing is read for a handler that reads nothing", async () => {
  const sender = sending("1234", "5678");
  const fetch = policy({ onEvent: silent })(() => new Response(null));
  expect((await fetch(sendStream(sender.stream))).status).toBe(200);
  expect(sender.pulled).toBe(0);
});

test("a handler that stops reading stops the sender", async () => {
  const sender = sending("1234", "5678");
  const fetch = policy({ content, onEvent: silent })(async (request) => {
    await request.body?.cancel();
    return new Response(null);
  });
  expect((await fetch(sendStream(sender.stream))).status).toBe(200);
  expect(sender.isCancelled).toBe(true);
});

test("a sender that breaks off is the handler's error, not 413", async () => {
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.error(new Error("connection reset"));
    },
  });
  let seen: unknown;
  const fetch = policy({ onEvent: silent })(async (request) => {
    seen = await request.text().catch((error: unknown) => error);
    return new Response(null, { status: 204 });
  });
  expect((await fetch(sendStream(stream))).status).toBe(204);
  expect(seen).toMatchObject({ message: "connection reset" });
});

test.each([
  ["a handler", {}],
  ["a schema", { body: z.unknown() }],
  ["raw bytes", { rawBody: true }],
] as const)("a sender that breaks off after it has sent too much to %s leaves no unhandled error", async (_, asked) => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on("unhandledRejection", note);
  try {
    let pulled = 0;
    const stream = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (pulled++ === 0) controller.enqueue(new TextEncoder().encode("12345678"));
          else controller.error(new Error("connection reset"));
        },
      },
      { highWaterMark: 0 },
    );
    const api = policy({ content: { maxBodyBytes: 6 }, onEvent: silent });
    const request = sendStream(stream, { "content-type": "application/json", "transfer-encoding": "chunked" });
    await expectProblem(await api(asked, echo)(request), 413, "content_too_large");
    await vi.waitFor(() => expect(pulled).toBe(2));
    await new Promise((resolve) => setTimeout(resolve, 10)); // Node tells of it once all that is due has run
    expect(unhandled).toEqual([]);
  } finally {
    process.off("unhandledRejection", note);
  }
});

describe("an overrun after the handler has answered", () => {
  async function echoed(): Promise<{ response: Response; events: PolicyEvent[]; isCancelled: () => boolean }> {
    const { events, onEvent } = recorder();
    const sender = sending("1234", "5678", muchTooMuch, "never");
    const fetch = policy({ content, onEvent })(
      (request) => new Response(request.body, { headers: { "content-type": "text/plain" } }),
    );
    const response = await fetch(sendStream(sender.stream));
    return { response, events, isCancelled: () => sender.isCancelled };
  }

  test("ends the stream of the response with an error", async () => {
    const { response, isCancelled } = await echoed();
    expect(response.status).toBe(200);
    const reader = response.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("1234");
    await expect(reader?.read()).rejects.toMatchObject({ name: "BodyTooLargeError" });
    await vi.waitFor(() => expect(isCancelled()).toBe(true));
  });

  test("is told of once, as a warning", async () => {
    const { response, events } = await echoed();
    expect(events).toEqual([]);
    await response.text().catch(() => "");
    expect(events).toMatchObject([{ type: "warning", code: "body_overrun", method: "POST", path: "/" }]);
    expect(events[0]).toHaveProperty("requestId", response.headers.get("x-request-id"));
  });
});

test("an overrun before the handler is no handler error for schemas and raw bytes", async () => {
  for (const requirements of [{ body: z.unknown() }, { rawBody: true }] as const) {
    const { events, onEvent } = recorder();
    const sender = sending("[1,2", ",3,4", muchTooMuch, ",5]");
    const fetch = policy({ content: { maxBodyBytes: 6 }, onEvent })(requirements, () => new Response(null));
    const response = await fetch(sendStream(sender.stream, { "content-type": "application/json" }));
    await expectProblem(response, 413, "content_too_large");
    await vi.waitFor(() => expect(sender.isCancelled).toBe(true));
    expect(events).toMatchObject([{ type: "refused", code: "content_too_large" }]);
  }
});
