import { allowedOrigin } from "./adapter-app.ts";
import { type AdapterLaw, assertCounted, assertPolicy, request } from "./adapter-under-test.ts";
import { assert, assertEqual } from "./assert.ts";

const foreignOrigin = "https://evil.example.net";
const fromApp = { Origin: allowedOrigin };

/** What handlers answer leaves with every field. */
export const answerLaws: readonly AdapterLaw[] = [
  {
    name: "answers with every field of the policy, and counts the request",
    async run(subject) {
      const response = await request(subject, "/json", fromApp);
      assertPolicy(response, 200, allowedOrigin);
      assertCounted(response, "wide", 1_000_000);
      assertEqual(await response.json(), { hello: "world" }, "the body");
    },
  },
  {
    name: "answers HEAD as GET, without a body",
    async run(subject) {
      const response = await request(subject, "/json", fromApp, { method: "HEAD" });
      assertPolicy(response, 200, allowedOrigin);
      assertEqual(await response.text(), "", "the body");
    },
  },
  {
    name: "answers 204 with every field",
    async run(subject) {
      const response = await request(subject, "/no-content", fromApp);
      assertPolicy(response, 204, allowedOrigin);
      assertCounted(response, "wide", 1_000_000);
      assertEqual(await response.text(), "", "the body");
    },
  },
  {
    name: "answers 304 with every field, and lets caches keep what it confirms",
    async run(subject) {
      const response = await request(subject, "/not-modified", { ...fromApp, "If-None-Match": '"1"' });
      assertPolicy(response, 304, allowedOrigin);
      assertEqual(response.headers.get("etag"), '"1"', "the field etag");
      assertEqual(response.headers.get("cache-control"), "private, no-cache", "the field cache-control");
    },
  },
  {
    name: "writes over a redirect, whose headers are immutable",
    async run(subject) {
      const response = await request(subject, "/redirect", fromApp);
      assertPolicy(response, 302, allowedOrigin);
      assertEqual(response.headers.get("location"), "https://www.example.com/next", "the field location");
    },
  },
  {
    name: "writes over what fetch() gave, whose headers are immutable",
    async run(subject) {
      const response = await request(subject, `/passthrough?upstream=${encodeURIComponent(subject.upstream)}`, fromApp);
      assertPolicy(response, 200, allowedOrigin);
      assertEqual(await response.json(), { from: "upstream" }, "the body");
    },
  },
  {
    name: "keeps both Set-Cookie fields",
    async run(subject) {
      const response = await request(subject, "/cookies", fromApp);
      assertPolicy(response, 200, allowedOrigin);
      const expected = ["a=1; Path=/; HttpOnly", "b=2; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT"];
      assertEqual(response.headers.getSetCookie(), expected, "the fields set-cookie");
    },
  },
  {
    name: "never sends the fields of one origin to the next with a response that the handler keeps",
    async run(subject) {
      const ids = new Set<string | null>();
      for (const origin of [allowedOrigin, foreignOrigin, "https://a.tenants.example.com", undefined, allowedOrigin]) {
        const response = await request(subject, "/kept", origin === undefined ? {} : { Origin: origin });
        assertPolicy(response, 204, origin === foreignOrigin ? undefined : origin);
        assertEqual(response.headers.get("x-kept"), "1", "the handler's own field");
        ids.add(response.headers.get("x-request-id"));
      }
      assertEqual(ids.size, 5, "different ids");
    },
  },
  {
    name: "hides what a handler threw behind a 500 with every field",
    async run(subject) {
      const response = await request(subject, "/throws", fromApp);
      assertPolicy(response, 500, allowedOrigin);
      assert(!/hunter2|password|adapter-app/.test(await response.text()), "the body tells what was thrown");
    },
  },
  {
    name: "tells the handler who and what the request is",
    async run(subject) {
      for (const [headers, subjectOf] of [
        [{}, null],
        [{ Authorization: "Bearer alice" }, "alice"],
      ] as const) {
        const response = await request(subject, "/context", headers);
        const { requestId, clientIp, ...facts }: Readonly<Record<string, unknown>> = await response.json();
        assertEqual(facts, { subject: subjectOf, tenant: "t1" }, "the identity, and what the check gave");
        assertEqual(requestId, response.headers.get("x-request-id"), "the id");
        assertEqual(clientIp, subject.clientIp, "the address");
      }
    },
  },
  {
    name: "takes the address from the platform, whatever X-Forwarded-For and Forwarded say",
    async run(subject) {
      const forged = { "X-Forwarded-For": "203.0.113.9", "X-Client-IP": "203.0.113.9", Forwarded: "for=203.0.113.9" };
      const response = await request(subject, "/context", forged);
      const { clientIp }: Readonly<Record<string, unknown>> = await response.json();
      assertEqual(clientIp, subject.clientIp, "the address");
    },
  },
  {
    name: "answers a request anew, also where the one before was the same",
    async run(subject) {
      const ids = new Set<string | null>();
      for (const _ of ["first", "second"]) {
        const response = await request(subject, "/json", fromApp);
        assertPolicy(response, 200, allowedOrigin);
        ids.add(response.headers.get("x-request-id"));
        await response.text();
      }
      assertEqual(ids.size, 2, "different ids");
    },
  },
];
