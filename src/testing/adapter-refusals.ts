import { allowedOrigin } from "./adapter-app.ts";
import { type AdapterLaw, assertCounted, assertPolicy, assertProblem, request } from "./adapter-under-test.ts";
import { assert, assertEqual } from "./assert.ts";

const foreignOrigin = "https://evil.example.net";
const fromApp = { Origin: allowedOrigin };
const preflight = { "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type" };

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
    name: "holds every method to the policy",
    async run(subject) {
      for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
        assertPolicy(await request(subject, "/private/me", fromApp, { method }), 401, allowedOrigin);
        assertPolicy(await request(subject, "/echo", { Origin: foreignOrigin }, { method }), 403, undefined);
      }
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
