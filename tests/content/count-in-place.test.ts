import { describe, expect, test } from "vitest";
import { z } from "zod";
import { policy, secure } from "../../src/index.ts";
import { expectProblem, recorder, silent } from "../lib/harness.ts";
import { limited, send, sending } from "./support.ts";

/** A request with a body of which the fields say how long it is; `declared` may be a lie. */
function sized(body: string, headers: Readonly<Record<string, string>> = {}, declared = body.length): Request {
  return send({ headers: { "content-type": "text/plain", "content-length": String(declared), ...headers }, body });
}

/** What a handler makes of a request, behind a policy that takes 16 bytes. */
async function within<Made>(request: Request, make: (request: Request) => Made): Promise<Awaited<Made>> {
  let made: { readonly value: Awaited<Made> } | undefined;
  const response = await limited(
    16,
    silent,
  )(async (given) => {
    made = { value: await make(given) };
    return new Response(null, { status: 204 });
  })(request);
  expect(response.status).toBe(204);
  return (made ?? expect.fail("the handler was not called")).value;
}

describe("a body whose length is declared", () => {
  test("comes with the very request that the server gave", async () => {
    const request = sized("text");
    expect(await within(request, (given) => given)).toBe(request);
    expect(request).toBeInstanceOf(Request);
    expect(Object.keys(request)).toEqual([]);
  });

  test("is read by every method as a platform reads it", async () => {
    const text = '{"a":"é"}';
    const bytes = new TextEncoder().encode(text);
    const json = (): Request => sized(text, { "content-type": "application/json" }, bytes.length);
    expect(await within(json(), (request) => request.text())).toBe(text);
    expect(await within(json(), (request) => request.json())).toEqual({ a: "é" });
    expect(new Uint8Array(await within(json(), (request) => request.arrayBuffer()))).toEqual(bytes);
    expect(await within(json(), (request) => request.bytes())).toEqual(bytes);
    const blob = await within(json(), (request) => request.blob());
    expect([blob.type, await blob.text()]).toEqual(["application/json", text]);
    const untyped = secure(async (request) => Response.json([(await request.blob()).type]));
    expect(await (await untyped(send({ headers: { "content-length": "4" }, body: "text" }))).json()).toEqual([""]);
    const form = sized("a=1&b=2", { "content-type": "application/x-www-form-urlencoded" });
    expect([...(await within(form, (request) => request.formData()))]).toEqual([
      ["a", "1"],
      ["b", "2"],
    ]);
    expect(await within(json(), (request) => new Response(request.body).text())).toBe(text);
    expect(await within(json(), (request) => new Response(request.body).json())).toEqual({ a: "é" });
  });

  test("loses a byte order mark where a platform takes it off", async () => {
    expect(await within(sized("\uFEFFtext", {}, 7), (request) => request.text())).toBe("text");
    expect(await within(sized("\uFEFF[1]", {}, 6), (request) => request.json())).toEqual([1]);
  });

  test("can be read once", async () => {
    const read = async (request: Request): Promise<unknown> => {
      expect(request.bodyUsed).toBe(false);
      const first = request.text();
      expect(request.bodyUsed).toBe(true);
      expect(await first).toBe("text");
      return Promise.allSettled([request.text(), request.json(), request.bytes(), request.blob(), request.formData()]);
    };
    const again = await within(sized("text"), read);
    expect(again).toEqual(Array(5).fill({ status: "rejected", reason: expect.any(TypeError) }));
  });

  test("is the same stream each time, and nothing else reads what it has given", async () => {
    await within(sized("text"), async (request) => {
      const { body } = request;
      expect(body).toBeInstanceOf(ReadableStream);
      expect(request.body).toBe(body);
      expect(request.bodyUsed).toBe(false);
      const reader = body?.getReader();
      expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("text");
      expect(request.bodyUsed).toBe(true);
      await expect(request.text()).rejects.toThrow(TypeError);
    });
  });

  test("can still be read by a method after its stream was looked at", async () => {
    const read = (request: Request): Promise<string> | undefined =>
      request.body === null ? undefined : request.text();
    expect(await within(sized("text"), read)).toBe("text");
  });

  test("can be cloned before it is read, and not afterwards", async () => {
    await within(sized("text"), async (request) => {
      const clone = request.clone();
      expect([await clone.text(), await request.text()]).toEqual(["text", "text"]);
      expect(() => request.clone()).toThrow(TypeError);
    });
  });

  test("that is not there is null", async () => {
    const request = send({ headers: { "content-type": "text/plain", "content-length": "4" } });
    expect(await within(request, ({ body }) => [body])).toEqual([null]);
    expect(
      await within(send({ headers: { "content-type": "text/plain", "content-length": "4" } }), (given) => given.text()),
    ).toBe("");
  });

  test("can be handed on to another place", async () => {
    const passOn = (request: Request): Promise<string> => new Request("https://upstream.example/", request).text();
    expect(await within(sized("text"), passOn)).toBe("text");
  });
});

describe("a body that is longer than its length says", () => {
  const long = (): Request => sized("x".repeat(17), {}, 4);

  test.each([
    ["text", (request: Request) => request.text()],
    ["json", (request: Request) => request.json()],
    ["arrayBuffer", (request: Request) => request.arrayBuffer()],
    ["bytes", (request: Request) => request.bytes()],
    ["blob", (request: Request) => request.blob()],
    ["formData", (request: Request) => request.formData()],
    ["a clone", (request: Request) => request.clone().text()],
    ["its stream", (request: Request) => new Response(request.body).text()],
    ["a clone's stream", (request: Request) => new Response(request.clone().body).text()],
  ])("is 413 where %s reads it, also where the handler swallows the error", async (_, read) => {
    const { events, onEvent } = recorder();
    let seen: unknown;
    const fetch = limited(
      16,
      onEvent,
    )(async (request) => {
      seen = await read(request).catch((error: unknown) => error);
      return new Response("mine");
    });
    await expectProblem(await fetch(long()), 413, "content_too_large");
    expect(seen).toBeInstanceOf(Error);
    expect(events).toMatchObject([{ type: "refused", code: "content_too_large" }]);
  });

  test("is cut off where its stream is read", async () => {
    const sender = sending("x".repeat(12), "x".repeat(12), "x".repeat(1_048_577), "never", "never");
    const request = send({ headers: { "content-type": "text/plain", "content-length": "4" }, body: sender.stream });
    const fetch = limited(16, silent)(async ({ body }) => new Response(await new Response(body).text()));
    await expectProblem(await fetch(request), 413, "content_too_large");
    expect(sender.pulled).toBeLessThan(5);
  });
});

describe("two policies around one request", () => {
  test("hold it to the smaller limit", async () => {
    for (const [outer, inner] of [
      [16, 4],
      [4, 16],
    ] as const) {
      const fetch = limited(
        outer,
        silent,
      )(limited(inner, silent)(async (request) => new Response(await request.text())));
      expect(await (await fetch(sized("text"))).text()).toBe("text");
      expect((await fetch(sized("x".repeat(8), {}, 4))).status).toBe(413);
    }
  });

  test("keep what the platform's own class of request has", async () => {
    const request = new Request(sized("text"), { redirect: "manual" });
    const inner = limited(16, silent)((given) => Response.json([given === request, given.redirect]));
    expect(await (await limited(16, silent)(inner)(request)).json()).toEqual([false, "manual"]);
  });
});

test("a request behind a proxy, as frameworks put one before theirs, is counted too", async () => {
  const request = (declared: number): Request =>
    new Proxy(sized("x".repeat(17), {}, declared), {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  const read = limited(20, silent)(async (given) => new Response(await given.text()));
  expect(await (await read(request(17))).text()).toBe("x".repeat(17));
  const refused = limited(16, silent)(async (given) => new Response(await given.text()));
  await expectProblem(await refused(request(4)), 413, "content_too_large");
});

test("a request that cannot be changed is copied, and counted", async () => {
  const frozen = (body: string): Request => Object.freeze(sized(body, {}, 4));
  const fetch = limited(16, silent)(async (request) => new Response(await request.text()));
  expect(await (await fetch(frozen("text"))).text()).toBe("text");
  await expectProblem(await fetch(frozen("x".repeat(17))), 413, "content_too_large");
});

test("nothing of a body is read for a handler that does not ask", async () => {
  const sender = sending("text");
  const request = send({ headers: { "content-type": "text/plain", "content-length": "4" }, body: sender.stream });
  expect((await secure(() => new Response(null, { status: 204 }))(request)).status).toBe(204);
  expect([sender.pulled, request.bodyUsed]).toEqual([0, false]);
});

describe("a length of 0 beside a body that is there", () => {
  test.each([
    ["with Transfer-Encoding", { "content-length": "0", "transfer-encoding": "chunked" }],
    ["doubled", { "content-length": "0, 0", "transfer-encoding": "chunked" }],
    ["alone", { "content-length": "00" }],
  ])("%s does not let it past the limit, its type and its raw bytes", async (_, fields) => {
    const sent = (body: string, type = "text/plain"): Request =>
      send({ headers: { "content-type": type, ...fields }, body });
    const echo = limited(16, silent)(async (request) => new Response(await request.text()));
    await expectProblem(await echo(sent("x".repeat(17))), 413, "content_too_large");
    await expectProblem(await echo(sent("text", "application/evil")), 415, "unsupported_media_type");
    const raw = policy({ onEvent: silent })({ rawBody: true }, (_request, { rawBody }) => new Response(rawBody));
    expect(await (await raw(sent("text"))).text()).toBe("text");
  });
});

describe("a body that breaks off", () => {
  const broken = (fields: Readonly<Record<string, string>>): Request => {
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error("connection reset")),
    });
    return send({ headers: { "content-type": "application/json", ...fields }, body: stream });
  };

  test.each([
    ["of a known length", { "content-length": "4" }],
    ["in chunks", { "transfer-encoding": "chunked" }],
    ["undeclared", {}],
  ])("%s is a bad request where we read it, and no error of the handler's", async (_, fields) => {
    for (const requirements of [{ rawBody: true }, { body: z.unknown() }] as const) {
      const { events, onEvent } = recorder();
      const fetch = policy({ onEvent })(requirements, () => new Response("reached"));
      await expectProblem(await fetch(broken(fields)), 400, "incomplete_body");
      expect(events).toMatchObject([{ type: "refused", code: "incomplete_body" }]);
    }
  });

  test("undeclared, is a bad request where its type depends on whether it is there", async () => {
    const { events, onEvent } = recorder();
    let called = 0;
    const fetch = policy({ content: {}, onEvent })(() => {
      called++;
      return new Response(null);
    });
    await expectProblem(await fetch(broken({})), 400, "incomplete_body");
    expect(called).toBe(0);
    expect(events).toMatchObject([{ type: "refused", code: "incomplete_body", status: 400 }]);
  });

  test("is no excuse for who read it before us", async () => {
    const { events, onEvent } = recorder();
    const request = sized("[1]", { "content-type": "application/json" });
    await request.text();
    const fetch = policy({ onEvent })({ body: z.unknown() }, () => new Response("reached"));
    await expectProblem(await fetch(request), 500, "internal_error");
    expect(events.map(({ type }) => type)).toEqual(["handler_error"]);
  });
});

test("what an outer policy finds too long is no error to an inner one", async () => {
  const { events, onEvent } = recorder();
  const inner = policy({ onEvent })(async (request) => new Response(await request.text()));
  const outer = limited(4, silent)(inner);
  expect((await outer(sized("x".repeat(8), {}, 4))).status).toBe(413);
  expect((await outer(send({ headers: { "content-type": "text/plain" }, body: "x".repeat(8) }))).status).toBe(413);
  expect(events).toEqual([]);
  const reading = policy({ onEvent })({ rawBody: true }, () => new Response("reached"));
  expect((await limited(4, silent)(reading)(sized("x".repeat(8), {}, 4))).status).toBe(413);
  expect(events).toMatchObject([{ type: "refused", code: "content_too_large" }]);
});
