import { allowedOrigin } from "./adapter-app.ts";
import { type AdapterLaw, assertCounted, assertPolicy, assertProblem, request } from "./adapter-under-test.ts";
import { assert, assertEqual } from "./assert.ts";

const foreignOrigin = "https://evil.example.net";
const fromApp = { Origin: allowedOrigin };
const preflight = { "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type" };

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
];

/** Who is refused, and how. */
export const refusalLaws: readonly AdapterLaw[] = [
  {
    name: "refuses who shows no credential, with a challenge and every field",
    async run(subject) {
      const response = await request(subject, "/private/me", fromApp);
      assertPolicy(response, 401, allowedOrigin);
      assertEqual(response.headers.get("www-authenticate"), 'Bearer realm="api"', "the challenge");
      await assertProblem(response, "credentials_required");
    },
  },
  {
    name: "refuses a bad credential also where none is needed",
    async run(subject) {
      const response = await request(subject, "/json", { ...fromApp, Authorization: "Bearer mallory" });
      assertPolicy(response, 401, allowedOrigin);
      await assertProblem(response, "invalid_token");
    },
  },
  {
    name: "admits who shows a good credential",
    async run(subject) {
      const response = await request(subject, "/private/me", { ...fromApp, Authorization: "Bearer alice" });
      assertPolicy(response, 200, allowedOrigin);
      assertEqual(await response.json(), { subject: "alice" }, "the body");
    },
  },
  {
    name: "refuses a POST from a foreign origin, and lets no script there read why",
    async run(subject) {
      const response = await request(subject, "/echo", { Origin: foreignOrigin }, { method: "POST", body: "a" });
      assertPolicy(response, 403, undefined);
      await assertProblem(response, "cross_origin_refused");
    },
  },
  {
    name: "counts each request once, and refuses the one too many with every field",
    async run(subject) {
      const headers = { ...fromApp, "X-Bucket": `${Date.now()}-${Math.random()}` };
      for (const left of [2, 1, 0]) {
        const response = await request(subject, "/limited", headers);
        assertPolicy(response, 204, allowedOrigin);
        assertEqual(response.headers.get("x-ratelimit-remaining"), String(left), "what is left");
      }
      const response = await request(subject, "/limited", headers);
      assertPolicy(response, 429, allowedOrigin);
      assertCounted(response, "narrow", 3);
      assert(Number(response.headers.get("retry-after")) >= 1, "the field retry-after is missing");
      await assertProblem(response, "rate_limited");
    },
  },
  {
    name: "answers a preflight itself: without a credential, and without counting it",
    async run(subject) {
      for (const path of ["/json", "/private/me", "/throws"]) {
        const response = await request(subject, path, { ...fromApp, ...preflight }, { method: "OPTIONS" });
        assertPolicy(response, 204, allowedOrigin);
        assert(/\bPUT\b/.test(response.headers.get("access-control-allow-methods") ?? ""), "PUT must be allowed");
        assertEqual(response.headers.get("ratelimit"), null, "the field ratelimit");
      }
    },
  },
  {
    name: "refuses a preflight of a foreign origin",
    async run(subject) {
      const headers = { Origin: foreignOrigin, ...preflight };
      const response = await request(subject, "/json", headers, { method: "OPTIONS" });
      assertPolicy(response, 403, undefined);
      await assertProblem(response, "preflight_refused");
    },
  },
];
