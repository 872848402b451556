import { describe, expect, test } from "vitest";
import { policy, type StandardSchema } from "../src/index.ts";
import { address, answerTo, codeOf, posted, steps, traced } from "./runtimes/traced.ts";

describe("a request that every step from one on objects to", () => {
  test.each(steps.map((expected, index) => [expected.step, expected, steps.slice(index)] as const))(
    "is answered by the first: %s, and no later step runs",
    async (_, expected, objecting) => {
      const { response, ran } = await answerTo(objecting.map(({ step }) => step));
      expect(response.status).toBe(expected.status);
      expect(await codeOf(response)).toBe(expected.code);
      expect(ran).toEqual(expected.ran);
    },
  );
});

describe("a request that two steps object to", () => {
  const pairs = steps.flatMap((first, index) => steps.slice(index + 1).map((second) => [first, second] as const));

  test.each(pairs.map(([first, second]) => [first.step, second.step, first] as const))(
    "is answered by %s, not by %s",
    async (first, second, expected) => {
      const { response, ran } = await answerTo([first, second]);
      expect(response.status).toBe(expected.status);
      expect(await codeOf(response)).toBe(expected.code);
      expect(ran).toEqual(expected.ran);
    },
  );
});

test("a request that no step objects to runs through all of them, in their order", async () => {
  const { response, ran } = await answerTo([]);
  expect(response.status).toBe(204);
  expect(ran).toEqual(["count ip", "authenticate", "count user", "requirement", "check", "body", "handler"]);
});

describe("a preflight", () => {
  const all = steps.map(({ step }) => step).filter((step) => step !== "path" && step !== "cross-origin");

  test("is answered before the method, the limits and authentication, and costs nothing", async () => {
    const { response, ran } = await answerTo(
      all,
      { Origin: "https://app.example.com", "Access-Control-Request-Method": "POST" },
      "OPTIONS",
    );
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
    expect(ran).toEqual([]);
  });

  test("of a foreign origin is refused before all of them", async () => {
    const { response, ran } = await answerTo(
      [...all, "cross-origin"],
      { "Access-Control-Request-Method": "POST" },
      "OPTIONS",
    );
    expect(response.status).toBe(403);
    expect(response.headers.has("access-control-allow-origin")).toBe(false);
    expect(await codeOf(response)).toBe("preflight_refused");
    expect(ran).toEqual([]);
  });

  test("for a malformed path is 400: no rule is known to hold there", async () => {
    const { response } = await answerTo(
      ["path"],
      { Origin: "https://app.example.com", "Access-Control-Request-Method": "POST" },
      "OPTIONS",
    );
    expect(response.status).toBe(400);
    expect(await codeOf(response)).toBe("malformed_path");
  });

  test("is not what an OPTIONS without Access-Control-Request-Method is: that is subject to the method", async () => {
    const { response, ran } = await answerTo([], { Origin: "https://app.example.com" }, "OPTIONS");
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
    expect(ran).toEqual([]);
  });
});

describe("what a refusal costs", () => {
  test("a request without a credential counts against its address and reaches no authenticator", async () => {
    const { ran, run } = traced();
    const response = await run(posted("/"), { clientIp: address });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
    expect(await codeOf(response)).toBe("credentials_required");
    expect(ran).toEqual(["count ip"]);
  });

  test("a request refused by its address costs its identity nothing", async () => {
    const { run } = traced();
    const send = (clientIp: string): Promise<Response> =>
      run(posted("/", { Authorization: "good alice" }), { clientIp });
    await run(posted("/"), { clientIp: address });
    expect((await send(address)).status).toBe(429);
    expect((await send("192.0.2.2")).status).toBe(204);
    const refused = await send("192.0.2.3");
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ "violated-policies": ["user"] });
  });

  test("a refused cross-origin request counts against nobody", async () => {
    const { run } = traced();
    const headers = { Authorization: "good alice", Origin: "https://evil.example.net", "Sec-Fetch-Site": "cross-site" };
    expect((await run(posted("/", headers), { clientIp: address })).status).toBe(403);
    const own = posted("/", { Authorization: "good alice" });
    expect((await run(own, { clientIp: address })).status).toBe(204);
  });

  test.each([
    ["type", { "Content-Type": "text/plain" }, 415, "unsupported_media_type"],
    ["coding", { "Content-Encoding": "gzip" }, 415, "unsupported_media_type"],
    ["length", { "Content-Length": "1048577" }, 413, "content_too_large"],
    ["malformed length", { "Content-Length": "6, 7" }, 400, "invalid_content_length"],
  ])(
    "a request refused for its %s counts against nobody, and its credential is not looked at",
    async (_, fields, status, code) => {
      const { ran, run } = traced();
      const unfit = posted("/", { Authorization: "bad alice", ...fields });
      const response = await run(unfit, { clientIp: address });
      expect(response.status).toBe(status);
      expect(await codeOf(response)).toBe(code);
      expect(ran).toEqual([]);
      expect((await run(posted("/", { Authorization: "good alice" }), { clientIp: address })).status).toBe(204);
    },
  );
});

describe("the body of a request", () => {
  /** A body that says when it is read, of a length that no field tells. */
  function watched(): { readonly body: ReadableStream<Uint8Array>; readonly isRead: () => boolean } {
    let isRead = false;
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
      isRead = true;
      controller.enqueue(new TextEncoder().encode("not JSON"));
      controller.close();
    };
    return { body: new ReadableStream({ pull }, { highWaterMark: 0 }), isRead: () => isRead };
  }

  function streamed(fields: Record<string, string>, body: ReadableStream<Uint8Array>): Request {
    // The init of a stream needs `duplex` (Fetch), which TypeScript's DOM types do not know.
    const init: RequestInit & { readonly duplex: "half" } = { method: "POST", headers: fields, body, duplex: "half" };
    return new Request("https://api.example.com/notes", init);
  }

  test.each([
    ["has no credential", {}, 401],
    ["has a bad credential", { Authorization: "bad alice" }, 401],
    ["is over the limit of its identity", { Authorization: "good greedy" }, 429],
    ["fails the requirement", { Authorization: "good alice", "X-Fails-Requirement": "1" }, 403],
    ["fails a check", { Authorization: "good alice", "X-Fails-Check": "1" }, 409],
    ["is of a foreign origin", { Origin: "https://evil.example.net", Authorization: "good alice" }, 403],
  ])("is not read where the request %s", async (_, fields, status) => {
    const { run } = traced();
    await run(posted("/notes", { Authorization: "good greedy" }), { clientIp: "192.0.2.99" });
    const { body, isRead } = watched();
    const response = await run(streamed({ "Content-Type": "application/json", ...fields }, body), {
      clientIp: address,
    });
    expect(response.status).toBe(status);
    expect(isRead()).toBe(false);
  });

  test.each([
    ["of another type", "text/plain", 415, "unsupported_media_type"],
    ["that is no JSON", "application/json", 400, "malformed_json"],
  ])("%s, which no field declared, is judged after all the others had their say", async (_, type, status, code) => {
    const { ran, run } = traced();
    const { body, isRead } = watched();
    const fields = { "Content-Type": type, Authorization: "good alice" };
    const response = await run(streamed(fields, body), { clientIp: address });
    expect(response.status).toBe(status);
    expect(await codeOf(response)).toBe(code);
    expect(isRead()).toBe(true);
    expect(ran).toEqual(["count ip", "authenticate", "count user", "requirement", "check"]);
  });
});

describe("what schemas find", () => {
  const broken = (vendor: string): StandardSchema => ({
    "~standard": { version: 1, vendor, validate: () => ({ issues: [{ message: "is never right" }] }) },
  });
  const requirements = { params: broken("params"), query: broken("query"), body: broken("body") };
  const codeFor = async (asked: typeof requirements | Partial<typeof requirements>, text = "{}"): Promise<unknown> => {
    const { run } = policy({ onEvent: () => undefined }).prepare(asked, () => new Response("reached"));
    return codeOf(await run(posted("/", { "Content-Length": String(text.length) }, { body: text }), { params: {} }));
  };

  test("is told for the parameters of the path first, then for the query, then for the body", async () => {
    const { params, query, body } = requirements;
    expect(await codeFor({ params, query, body })).toBe("invalid_params");
    expect(await codeFor({ query, body })).toBe("invalid_query");
    expect(await codeFor({ body })).toBe("invalid_body");
  });

  test("comes after what the body is: JSON, and not too long", async () => {
    expect(await codeFor(requirements, "{")).toBe("malformed_json");
    expect(await codeFor(requirements, `"${"x".repeat(1_048_576)}"`)).toBe("content_too_large");
  });
});

test("https is required before the method is looked at", async () => {
  const { run } = policy({ requireHttps: true, onEvent: () => {} }).prepare({ methods: ["GET"] }, () => new Response());
  const response = await run(new Request("http://api.example.com/", { method: "DELETE" }), {});
  expect(response.status).toBe(403);
  expect(await codeOf(response)).toBe("https_required");
});
