import { describe, expect, test } from "vitest";
import type { Sent } from "../client.ts";
import type { Subject } from "../conformance.ts";
import { maxBodyBytes } from "../content-handlers.ts";
import { app } from "../origins.ts";
import { expectPolicy, expectProblem } from "./expectations.ts";

/** JSON text of this many bytes. */
function jsonOf(bytes: number): string {
  return `"${"x".repeat(bytes - 2)}"`;
}

/** POST of a JSON body. In chunks, nothing says before how long it is. */
function post(text: string, chunkBytes?: number): Sent {
  return {
    method: "POST",
    headers: { Origin: app, "Content-Type": "application/json" },
    body: chunkBytes === undefined ? text : chunksOf(Buffer.from(text), chunkBytes),
  };
}

async function* chunksOf(bytes: Uint8Array<ArrayBuffer>, size: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let start = 0; start < bytes.byteLength; start += size) yield bytes.subarray(start, start + size);
}

/** How a body may come, and the bytes of its chunks. */
const framings: readonly (readonly [how: string, chunkBytes: number | undefined])[] = [
  ["of a declared length", undefined],
  ["in chunks", 100],
];

/** How long a body may be, and what handlers get of it. */
export function bodies({ send }: Subject): void {
  describe("a body just at the limit", () => {
    test.each(framings)("%s is handed on whole", async (_, chunkBytes) => {
      const text = jsonOf(maxBodyBytes);
      const response = await send("/content/echo", post(text, chunkBytes));
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ text });
    });
  });

  test.each(framings)("a body %s is the same in clones of its request", async (_, chunkBytes) => {
    const text = jsonOf(maxBodyBytes);
    const response = await send("/content/cloned", post(text, chunkBytes));
    expect(await response.json()).toEqual({ hasBody: true, texts: [text, text, text] });
  });

  describe("a body that is one byte too long", () => {
    const tooLong = jsonOf(maxBodyBytes + 1);
    const note = JSON.stringify({ title: "x".repeat(maxBodyBytes) });

    test.each([
      ["of a declared length", "/content/echo", post(tooLong)],
      ["of a declared length that the handler does not read", "/content/ignores", post(tooLong)],
      ["in chunks, whose handler lets the error pass", "/content/echo", post(tooLong, 100)],
      ["in chunks, whose handler swallows the error", "/content/swallows", post(tooLong, 100)],
      ["in one chunk, whose handler swallows the error", "/content/swallows", post(tooLong, 4096)],
      ["in chunks, for a schema", "/content/note", post(note, 100)],
    ])("%s is 413", async (_, path, sent) => {
      const response = await send(path, sent);
      expectPolicy(response, app);
      await expectProblem(response, 413, "content_too_large");
    });
  });

  test("a body that the handler does not read does not keep it from answering", async () => {
    const response = await send("/content/ignores", post(jsonOf(maxBodyBytes)));
    expect(response.status).toBe(200);
    expectPolicy(response, app);
  });

  describe("a body with a schema", () => {
    test("is handed to the handler as the schema gives it", async () => {
      const response = await send("/content/note", post(JSON.stringify({ title: "  Grüße 🌍 ", admin: true }), 7));
      expect(response.status).toBe(201);
      expectPolicy(response, app);
      expect(await response.json()).toEqual({ title: "Grüße 🌍" });
    });

    test("is 422 with a pointer for each thing that the schema objects to", async () => {
      const response = await send("/content/note", post('{"title":7,"tags":"hunter2"}'));
      expectPolicy(response, app);
      expect(await response.clone().json()).toMatchObject({
        errors: [
          { pointer: "#/title", detail: "Expected a string" },
          { pointer: "#/a~1b/0", detail: "Expected a list" },
        ],
      });
      expect(await response.clone().text()).not.toContain("hunter2");
      await expectProblem(response, 422, "invalid_body");
    });

    test.each([
      ["is not JSON", '{"title":', "malformed_json"],
      ["has a way to a prototype", '{"title":"a","__proto__":{"admin":true}}', "unsafe_json"],
      ["is empty", "", "malformed_json"],
    ])("is 400 where it %s", async (_, text, code) => {
      const response = await send("/content/note", post(text));
      expectPolicy(response, app);
      await expectProblem(response, 400, code);
    });

    test("is 415 where its type is another", async () => {
      const sent = { ...post('{"title":"a"}'), headers: { Origin: app, "Content-Type": "text/plain" } };
      const response = await send("/content/note", sent);
      expectPolicy(response, app);
      await expectProblem(response, 415, "unsupported_media_type");
    });
  });

  test("rawBody has the exact bytes, and the request's own body can still be read", async () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, index) => (index * 167) % 256);
    const hex = Buffer.from(bytes).toString("hex");
    for (const body of [bytes, chunksOf(bytes, 33)]) {
      const response = await send("/content/raw", { method: "POST", headers: { "Content-Encoding": "gzip" }, body });
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ rawBody: hex, body: hex });
    }
  });
}

/** Servers drop or refuse the body of a GET, and workerd leaves it to us. */
export function bodiesOfGet({ send }: Subject): void {
  test.each(framings)("the body of a GET %s never comes to a handler", async (_, chunkBytes) => {
    const response = await send("/content/raw", { ...post(jsonOf(200), chunkBytes), method: "GET" });
    if (response.status === 200) expect(await response.json()).toEqual({ rawBody: "", body: "" });
    else expect([400, 413]).toContain(response.status);
  });
}
