import { describe, expect, test } from "vitest";
import { z } from "zod";
import { memoryStore, policy, type RateLimitStore, secure } from "../../src/index.ts";
import { expectProblem, recorder, silent } from "../lib/harness.ts";
import { echo, send, sending } from "./support.ts";

const mebibyte = 1_048_576;

describe.each([
  ["secure()", secure(async (request) => Response.json({ length: (await request.bytes()).byteLength }))],
  [
    "a policy without content",
    policy({ onEvent: silent })(async (request) => Response.json({ length: (await request.bytes()).byteLength })),
  ],
  [
    "a policy with content",
    policy({ content: { accepts: ["text/plain"] }, onEvent: silent })(async (request) =>
      Response.json({ length: (await request.bytes()).byteLength }),
    ),
  ],
])("%s", (_name, fetch) => {
  const sized = (length: number, headers: Record<string, string> = {}): Request =>
    send({ headers: { "content-type": "text/plain", ...headers }, body: new Uint8Array(length) });

  test("takes bodies of 1 MiB", async () => {
    for (const headers of [{}, { "content-length": String(mebibyte) }]) {
      const response = await fetch(sized(mebibyte, headers));
      expect(await response.json()).toEqual({ length: mebibyte });
    }
  });

  test("refuses one byte more, declared or not", async () => {
    await expectProblem(await fetch(sized(mebibyte + 1)), 413, "content_too_large");
    const declared = sized(mebibyte + 1, { "content-length": String(mebibyte + 1) });
    await expectProblem(await fetch(declared), 413, "content_too_large");
  });
});

describe("a declared length over the limit", () => {
  test("is refused before the limits and the handler, and nothing is read", async () => {
    const memory = memoryStore();
    let counted = 0;
    let called = 0;
    const store: RateLimitStore = {
      ...memory,
      consume: (...args: Parameters<RateLimitStore["consume"]>) => {
        counted++;
        return memory.consume(...args);
      },
    };
    const api = policy({
      content: { maxBodyBytes: 4, accepts: ["text/plain"] },
      rateLimit: { limit: 5, windowSeconds: 60 },
      store,
      onEvent: silent,
    });
    const run = (length: string, body: ReadableStream<Uint8Array>): Promise<Response> =>
      api.run(
        send({ headers: { "content-type": "text/plain", "content-length": length }, body }),
        { clientIp: "192.0.2.1" },
        () => {
          called++;
          return new Response(null);
        },
      );
    const long = sending("12345");
    await expectProblem(await run("5", long.stream), 413, "content_too_large");
    expect([counted, called, long.pulled]).toEqual([0, 0, 0]);
    expect((await run("4", sending("1234").stream)).status).toBe(200);
    expect([counted, called]).toEqual([1, 1]);
  });

  test.each(["1048577", "1099511627776", "9007199254740993", "99999999999999999999", "1048577, 1048577"])(
    "is 413: %s",
    async (length) => {
      const { events, onEvent } = recorder();
      const response = await policy({ onEvent })(echo)(send({ headers: { "content-length": length }, body: "x" }));
      await expectProblem(response, 413, "content_too_large");
      expect(events).toMatchObject([{ type: "refused", code: "content_too_large", status: 413 }]);
    },
  );
});

describe("a Content-Length that is none", () => {
  test.each(["abc", "-1", "+1", "5.0", "0x5", "1e3", "5 5", "5, 6", "5,", "5, abc", "0, 5", "\u00b2", ""])(
    "is 400: %j",
    async (length) => {
      const response = await secure(echo)(send({ headers: { "content-length": length }, body: "12345" }));
      await expectProblem(response, 400, "invalid_content_length");
    },
  );

  test.each(["5", "5, 5", "5,5,5", "05"])("is a number, also in duplicate: %s passes", async (length) => {
    const response = await secure(echo)(send({ headers: { "content-length": length }, body: "12345" }));
    expect(await response.json()).toEqual({ text: "12345" });
  });

  test("is a number, whose duplicates are a body's presence", async () => {
    const fetch = policy({ content: {}, onEvent: silent })(echo);
    const response = await fetch(send({ headers: { "content-length": "5, 5" }, body: "12345" }));
    await expectProblem(response, 415, "unsupported_media_type");
  });
});

describe("maxBodyBytes", () => {
  test("counts what comes, whatever Content-Length says", async () => {
    const fetch = policy({ content: { maxBodyBytes: 4, accepts: ["text/plain"] }, onEvent: silent })(echo);
    for (const length of ["1", "4"]) {
      const headers = { "content-type": "text/plain", "content-length": length };
      await expectProblem(await fetch(send({ headers, body: "12345" })), 413, "content_too_large");
    }
  });

  test("counts bytes, not characters", async () => {
    const fetch = policy({ content: { maxBodyBytes: 4, accepts: ["text/plain"] }, onEvent: silent })(echo);
    const text = (body: string): Request => send({ headers: { "content-type": "text/plain" }, body });
    expect(await (await fetch(text("éé"))).json()).toEqual({ text: "éé" });
    await expectProblem(await fetch(text("ééx")), 413, "content_too_large");
  });

  test("of 0 lets nothing but empty bodies pass", async () => {
    const fetch = policy({ content: { maxBodyBytes: 0, accepts: ["text/plain"] }, onEvent: silent })(echo);
    const text = (sent: Parameters<typeof send>[0]): Request =>
      send({ ...sent, headers: { "content-type": "text/plain", ...sent?.headers } });
    expect((await fetch(text({}))).status).toBe(200);
    expect((await fetch(text({ headers: { "content-length": "0" } }))).status).toBe(200);
    expect((await fetch(text({ body: sending().stream }))).status).toBe(200);
    await expectProblem(await fetch(text({ body: "x" })), 413, "content_too_large");
    await expectProblem(await fetch(text({ headers: { "content-length": "1" }, body: "x" })), 413, "content_too_large");
  });

  test.each([
    ["in chunks", { "transfer-encoding": "chunked" }],
    ["undeclared", {}],
    ["longer than its Content-Length", { "content-length": "4" }],
  ])("holds for a handler with a body schema, and for raw bytes: a body %s", async (_how, fields) => {
    const api = policy({ content: { maxBodyBytes: 4 }, onEvent: silent });
    const sent = (...chunks: string[]): Request =>
      send({ headers: { "content-type": "application/json", ...fields }, body: sending(...chunks).stream });
    for (const requirements of [
      { body: z.unknown() },
      { rawBody: true },
      { body: z.unknown(), rawBody: true },
    ] as const) {
      const fetch = api(requirements, () => new Response(null, { status: 204 }));
      await expectProblem(await fetch(sent("[1,", "2]")), 413, "content_too_large");
      await expectProblem(await fetch(sent("[1,2,3]", " ")), 413, "content_too_large");
      expect((await fetch(sent("[1", "2]"))).status).toBe(204);
      expect((await fetch(sent("[12]"))).status).toBe(204);
    }
  });

  test.each([
    ["longer than its Content-Length", { "content-length": "4" }],
    ["in chunks", { "transfer-encoding": "chunked" }],
  ])("holds also where a handler does not heed the refusal of what it nests: a body %s", async (_how, fields) => {
    const { events, onEvent } = recorder();
    const api = policy({ content: { maxBodyBytes: 4 }, onEvent });
    const inner = api.prepare({ body: z.unknown() }, () => new Response("never called"));
    const long = (): Request => send({ headers: { "content-type": "application/json", ...fields }, body: "[1,2,3]" });
    for (const asGiven of [true, false]) {
      let refused: Response | undefined;
      const response = await api.run(long(), {}, async (request, context) => {
        refused = (await inner.tighten(context, asGiven ? request : long())).refusal; // frameworks make requests anew
        return new Response("mine");
      });
      expect(refused?.status).toBe(413);
      await expectProblem(response, 413, "content_too_large");
      expect(events.splice(0)).toMatchObject([{ type: "refused", code: "content_too_large" }]);
    }
  });

  test("is told of also where what it nests has refused the request for another reason", async () => {
    const { events, onEvent } = recorder();
    const api = policy({ content: { maxBodyBytes: 4 }, onEvent });
    const inner = api.prepare({ query: z.object({ page: z.string() }) }, () => new Response("never called"));
    const headers = { "content-type": "application/json", "transfer-encoding": "chunked" };
    const response = await api.run(send({ headers, body: "[1,2,3]" }), {}, async (request, context) => {
      await request.text().catch(() => {});
      expect((await inner.tighten(context, request)).refusal?.status).toBe(400);
      return new Response("mine");
    });
    await expectProblem(response, 413, "content_too_large");
    expect(events).toMatchObject([{ code: "invalid_query" }, { code: "content_too_large" }]);
  });
});
