import { expect, test } from "vitest";
import { z } from "zod";
import { policy } from "../../src/index.ts";
import { expectProblem, silent } from "../lib/harness.ts";
import { send, sending, sendJson } from "./support.ts";

const api = policy({ onEvent: silent });
const show = async (request: Request, { rawBody }: { readonly rawBody: Uint8Array }): Promise<Response> =>
  Response.json({ raw: [...rawBody], again: [...(await request.bytes())] });

test("raw bytes are exact, and the request's body stays readable", async () => {
  const bytes = [0xef, 0xbb, 0xbf, 0x00, 0xff, 0x0d, 0x0a];
  const response = await api({ rawBody: true }, show)(send({ body: new Uint8Array(bytes) }));
  expect(await response.json()).toEqual({ raw: bytes, again: bytes });
});

test("raw bytes of many chunks are one array", async () => {
  const response = await api({ rawBody: true }, show)(send({ body: sending("a", "", "bc", "d").stream }));
  expect(await response.json()).toEqual({ raw: [97, 98, 99, 100], again: [97, 98, 99, 100] });
});

test("raw bytes are as they were sent where a schema reads them too", async () => {
  const fetch = api({ rawBody: true, body: z.object({ a: z.number() }) }, async (request, { rawBody, body }) =>
    Response.json({ raw: new TextDecoder().decode(rawBody), body, again: await request.text() }),
  );
  const text = '{ "a":\t1.0 }\n';
  expect(await (await fetch(sendJson(text))).json()).toEqual({ raw: text, body: { a: 1 }, again: text });
  await expectProblem(await fetch(sendJson("{}")), 422, "invalid_body");
});

test("changing the raw bytes changes nothing of the request's body", async () => {
  const fetch = api({ rawBody: true }, async (request, { rawBody }) => {
    rawBody.fill(0);
    return new Response(await request.text());
  });
  expect(await (await fetch(send({ body: "text" }))).text()).toBe("text");
});

test.each(["GET", "HEAD", "POST", "DELETE"])("raw bytes of a %s without a body are none", async (method) => {
  let length: number | undefined;
  const fetch = api({ rawBody: true }, (_request, { rawBody }) => {
    length = rawBody.byteLength;
    return new Response(null, { status: 204 });
  });
  expect((await fetch(send({ method }))).status).toBe(204);
  expect(length).toBe(0);
});

test("raw bytes of an undeclared body that is not there are none, and it needs no type", async () => {
  const fetch = policy({ content: {}, onEvent: silent })({ rawBody: true }, show);
  const response = await fetch(send({ body: sending().stream }));
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ raw: [], again: [] });
});

test("there are no raw bytes for a handler that does not ask for them", async () => {
  const fetch = api({ body: z.unknown() }, (_request, context) => Response.json(Object.keys(context)));
  const names: unknown = await (await fetch(sendJson({}))).json();
  expect(names).toContain("body");
  expect(names).not.toContain("rawBody");
});

test("raw bytes say nothing of media types", async () => {
  const fetch = api({ rawBody: true }, show);
  expect((await fetch(send({ headers: { "content-type": "text/plain" }, body: "x" }))).status).toBe(200);
});

test("raw bytes have the media types of the policy's content", async () => {
  const fetch = policy({ content: {}, onEvent: silent })({ rawBody: true }, show);
  for (const headers of [{}, { "content-length": "1" }]) {
    const request = send({ headers: { "content-type": "text/plain", ...headers }, body: "x" });
    await expectProblem(await fetch(request), 415, "unsupported_media_type");
  }
  expect((await fetch(sendJson({}))).status).toBe(200);
});
