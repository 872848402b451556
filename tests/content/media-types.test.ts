import { describe, expect, test } from "vitest";
import { z } from "zod";
import { policy } from "../../src/index.ts";
import { expectProblem, silent } from "../lib/harness.ts";
import { carriers, counting, send } from "./support.ts";

const json = { content: {} };

describe.each(carriers)("a body %s", (_how, fields) => {
  test.each([
    "application/json",
    "Application/JSON",
    " application/json\t",
    "application/json;charset=utf-8",
    "application/json; charset=UTF-8",
    'application/json; charset="utf-8"',
    'application/json; CHARSET="UTF\\-8"',
    "application/json ; charset=utf-8",
    "application/json;",
    "application/json;;version=1",
    'application/json; profile="a, b; c"',
    "application/json; charset=utf-8; charset=latin1",
  ])("passes as %j", async (type) => {
    const { fetch, calls } = counting(json);
    const response = await fetch(send({ headers: { ...fields, "content-type": type }, body: "{}" }));
    expect(response.status).toBe(200);
    expect(calls()).toBe(1);
  });

  test.each([
    "",
    "json",
    "/json",
    "application",
    "application/",
    "application/json/x",
    "application/jsonp",
    "application/json-seq",
    "xapplication/json",
    "text/json",
    "application /json",
    "application/ json",
    "application/json text/plain",
    "application\\json",
    "application/*",
    "*/*",
    "application/problem+json",
    "text/plain",
    "text/plain; application/json",
    "text/plain; charset=application/json",
    "text/plain, application/json",
    "application/json, text/plain",
    "application/json,application/json",
    "application/json; charset=utf-8, text/plain",
    "application/json;a, text/plain=b",
    'application/json; profile="a", text/plain',
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=application/json",
    "application/json; charset=iso-8859-1",
    'application/json; charset="utf-16"',
    "application/json; charset=utf-7; charset=utf-8",
    'application/json; charset=""',
  ])("is refused as %j", async (type) => {
    const { fetch, calls } = counting(json);
    const response = await fetch(send({ headers: { ...fields, "content-type": type }, body: "{}" }));
    await expectProblem(response, 415, "unsupported_media_type");
    expect(calls()).toBe(0);
  });

  test("is refused without Content-Type", async () => {
    const { fetch, calls } = counting(json);
    const response = await fetch(send({ headers: fields, body: "{}" }));
    expect(response.headers.get("accept")).toBe("application/json");
    await expectProblem(response, 415, "unsupported_media_type");
    expect(calls()).toBe(0);
  });

  test("is refused also where a schema reads the query alone", async () => {
    let calls = 0;
    const fetch = policy({ ...json, onEvent: silent })({ query: z.unknown() }, () => {
      calls++;
      return new Response(null);
    });
    const as = (type: string): Request => send({ headers: { ...fields, "content-type": type }, body: "{}" });
    await expectProblem(await fetch(as("image/png")), 415, "unsupported_media_type");
    expect(calls).toBe(0);
    expect((await fetch(as("application/json"))).status).toBe(200);
  });

  test("is refused with two Content-Type fields, also where both would pass", async () => {
    for (const second of ["text/plain", "application/json"]) {
      const { fetch, calls } = counting(json);
      const request = send({ headers: { ...fields, "content-type": "application/json" }, body: "{}" });
      request.headers.append("content-type", second);
      await expectProblem(await fetch(request), 415, "unsupported_media_type");
      expect(calls()).toBe(0);
    }
  });

  test.each(["POST", "PUT", "PATCH", "DELETE", "QUERY", "OPTIONS", "PURGE"])("is checked for %s", async (method) => {
    const { fetch, calls } = counting(json);
    const as = (type: string): Request => send({ method, headers: { ...fields, "content-type": type }, body: "{}" });
    await expectProblem(await fetch(as("text/plain")), 415, "unsupported_media_type");
    expect(calls()).toBe(0);
    expect((await fetch(as("application/json"))).status).toBe(200);
  });
});

describe("a request without a body passes", () => {
  const empty = (): ReadableStream<Uint8Array> => new ReadableStream({ start: (controller) => controller.close() });
  const emptyChunks = (): ReadableStream<Uint8Array> =>
    new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array());
        controller.enqueue(new Uint8Array());
        controller.close();
      },
    });

  test.each([
    ["a POST", () => send()],
    ["a POST with Content-Length: 0", () => send({ headers: { "content-length": "0" } })],
    [
      "a POST with Content-Length: 0 and a content coding",
      () => send({ headers: { "content-length": "0", "content-encoding": "gzip" } }),
    ],
    ["a POST with a type of its own", () => send({ headers: { "content-type": "text/plain" } })],
    ["a DELETE with the JSON type", () => send({ method: "DELETE", headers: { "content-type": "application/json" } })],
    ["a GET with a type of its own", () => send({ method: "GET", headers: { "content-type": "text/plain" } })],
    ["a HEAD with a type of its own", () => send({ method: "HEAD", headers: { "content-type": "text/plain" } })],
    ["a GET with a content coding", () => send({ method: "GET", headers: { "content-encoding": "gzip" } })],
    ["a stream that ends at once, as some servers give it", () => send({ body: empty() })],
    ["a stream of empty chunks", () => send({ body: emptyChunks() })],
    [
      "an empty stream with Content-Length: 0",
      () => send({ headers: { "content-length": "0", "content-type": "text/plain" }, body: empty() }),
    ],
  ])("%s", async (_name, request) => {
    const { fetch, calls } = counting(json);
    expect((await fetch(request())).status).toBe(200);
    expect(calls()).toBe(1);
  });
});
