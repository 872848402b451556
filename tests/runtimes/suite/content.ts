import { describe, expect, test } from "vitest";
import type { Sent } from "../client.ts";
import type { Subject } from "../conformance.ts";
import { app } from "../origins.ts";
import { expectPolicy, expectProblem, fieldsOf } from "./expectations.ts";

const json = "application/json";

/** A note, under these fields. */
function typed(type: string | readonly string[] | undefined, method = "POST"): Sent {
  return { method, headers: { Origin: app, ...(type !== undefined && { "Content-Type": type }) }, body: '{"a":1}' };
}

const mistyped: readonly (readonly [string, Sent])[] = [
  ["a body without a type, as a page may send it without a preflight", typed(undefined)],
  ["a body whose type is empty", typed("")],
  ["text/plain with a JSON parameter", typed("text/plain; application/json")],
  ["text/plain with a quoted JSON parameter", typed('text/plain; a="application/json"')],
  ["two lines of Content-Type, JSON last", typed(["text/plain", json])],
  ["two lines of Content-Type, JSON first", typed([json, "text/plain"])],
  ["two lines of Content-Type that are equal", typed([json, json])],
  ["a list of types in one line", typed("application/json, text/plain")],
  ["a form", typed("application/x-www-form-urlencoded")],
  ["a multipart form", typed("multipart/form-data; boundary=x")],
  ["a type that only begins like JSON", typed("application/jsonp")],
  ["a type that needs no preflight", typed("application/csp-report")],
  ["a +json type that needs no preflight", typed("application/expect-ct-report+json")],
  ["a +json type that needs no preflight, in upper case", typed("Application/Reports+JSON")],
  ["JSON in UTF-16", typed("application/json; charset=utf-16")],
  ["JSON in UTF-7", typed("application/json; charset=utf-7")],
  ["a body of DELETE", typed("text/plain", "DELETE")],
];

const fine: readonly (readonly [string, Sent])[] = [
  ["an empty POST", { method: "POST" }],
  ["an empty POST without a length", { method: "POST", unframed: true }],
  ["an empty POST whose length is 0", { method: "POST", headers: { "Content-Length": "0" } }],
  [
    "a length of 0 and another type",
    { method: "POST", headers: { "Content-Length": "0", "Content-Type": "text/plain" } },
  ],
  ["DELETE with a JSON type and no body", { method: "DELETE", headers: { "Content-Type": json } }],
  ["DELETE without a type and a body", { method: "DELETE" }],
  ["DELETE with a JSON body", typed(json, "DELETE")],
  ["GET", {}],
  ["GET with a type", { headers: { "Content-Type": "text/plain" } }],
  ["OPTIONS that is no preflight", { method: "OPTIONS" }],
  ["JSON", typed(json)],
  ["JSON in upper case", typed("APPLICATION/JSON")],
  ["JSON with a quoted charset in upper case", typed('application/json; charset="UTF-8"')],
  ["JSON with white space", typed("application/json ;  charset=utf-8 ; ")],
  ["JSON with an unknown parameter", typed('application/json; profile="a,b"')],
  ["a +json type", typed("application/merge-patch+json", "PATCH")],
  ["JSON in chunks", { method: "POST", headers: { "Content-Type": json }, body: inChunks(["{", '"a":1}']) }],
  ["identity as coding", { ...typed(json), headers: { "Content-Type": json, "Content-Encoding": "identity" } }],
];

async function* inChunks(texts: readonly string[]): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (const text of texts) yield Buffer.from(text);
}

/** What a body may be, by its fields. */
export function content({ send }: Subject): void {
  describe("content that is refused", () => {
    test.each(mistyped)("%s is 415, and what would be accepted is said", async (_, sent) => {
      const response = await send("/content/echo", sent);
      expectPolicy(response, app);
      const accepted = "application/json, application/*+json";
      expect(fieldsOf(response, "accept")).toMatchObject({
        accept: accepted,
        ...(sent.method === "POST" && { "accept-post": accepted }),
      });
      await expectProblem(response, 415, "unsupported_media_type");
    });

    test("a body in chunks without a type is 415 too", async () => {
      const response = await send("/content/echo", { method: "POST", body: inChunks(["{}"]) });
      await expectProblem(response, 415, "unsupported_media_type");
    });

    test("PATCH is told by Accept-Patch", async () => {
      const response = await send("/content/echo", typed("text/plain", "PATCH"));
      expect(response.headers.get("accept-patch")).toBe("application/json, application/*+json");
      expect(response.headers.has("accept-post")).toBe(false);
      await expectProblem(response, 415, "unsupported_media_type");
    });

    test.each(["gzip", "br", "GZIP", "identity, gzip", "gzip, identity"])(
      "a body coded with %s is 415, whatever it would become",
      async (coding) => {
        const response = await send("/content/echo", {
          method: "POST",
          headers: { Origin: app, "Content-Type": json, "Content-Encoding": coding },
          body: "{}",
        });
        expectPolicy(response, app);
        expect(response.headers.get("accept-encoding")).toBe("identity");
        await expectProblem(response, 415, "unsupported_media_type");
      },
    );

    test.each(["text/html", "application/json;q=0, */*", "*/*;q=0", "application/json;q=0.000"])(
      "Accept: %s is 406, in a problem all the same",
      async (accept) => {
        const response = await send("/content/echo", { headers: { Origin: app, Accept: accept } });
        expectPolicy(response, app);
        await expectProblem(response, 406, "not_acceptable");
      },
    );

    test("a method that a field would replace is 400", async () => {
      const headers = { Origin: app, "X-HTTP-Method-Override": "DELETE" };
      const response = await send("/content/echo", { method: "POST", headers });
      expectPolicy(response, app);
      await expectProblem(response, 400, "method_override_refused");
    });

    test("a preflight does not care for content", async () => {
      const headers = { Origin: app, "Access-Control-Request-Method": "POST", Accept: "text/html" };
      expect((await send("/content/echo", { method: "OPTIONS", headers })).status).toBe(204);
    });
  });

  describe("content that is not refused", () => {
    test.each(fine)("%s", async (_, sent) => {
      const response = await send("/content/echo", sent);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ method: sent.method ?? "GET" });
    });

    test("HEAD", async () => {
      const response = await send("/content/echo", { method: "HEAD", headers: { "Content-Type": "text/plain" } });
      expect(response.status).toBe(200);
    });

    test.each(["*/*;q=0.1", "application/*", "APPLICATION/JSON", "text/html, */*;q=0.01", ""])(
      "Accept: %s",
      async (accept) => {
        const response = await send("/content/echo", { headers: { Accept: accept } });
        expect(response.status).toBe(200);
      },
    );

    test("any type and any Accept where the policy only limits the size", async () => {
      const headers = { "Content-Type": "image/png", "Content-Encoding": "gzip", Accept: "text/html" };
      const response = await send("/echo", { method: "POST", headers, body: "what was sent" });
      expect(response.status).toBe(200);
      expect(await response.text()).toBe("what was sent");
    });
  });
}
