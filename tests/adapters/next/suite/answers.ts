import { describe, expect, test } from "vitest";
import type { Served } from "../support.ts";
import { expectPolicy, expectProblem, origin } from "./expectations.ts";

const form = { "content-type": "application/x-www-form-urlencoded" };

/** What Next.js' own functions answer, in handlers and in checks. */
export function answers(send: Served["send"], output: () => string): void {
  const ask = (what: string, init: RequestInit = {}): Promise<Response> =>
    send(`/next/answer/${what}`, { ...init, headers: { origin, ...init.headers } });

  describe("leaves with every field of the policy:", () => {
    test.each([
      ["redirect", "redirect()", 307, "/next/target?a=1;b=2"],
      ["redirect-away", "redirect() to another site", 307, "https://www.example.com/next"],
      ["permanent", "permanentRedirect()", 308, "/next/target"],
    ])("%s, by %s", async (what, _, status, location) => {
      const response = await ask(what);
      expectPolicy(response, status);
      expect(response.headers.get("location")).toBe(location);
      expect(await response.text()).toBe("");
    });

    test("redirect() after a form, which goes on with GET as in Next.js", async () => {
      for (const init of [
        { body: "a=1", headers: form },
        { body: new FormData() },
        { headers: { "next-action": "a" } },
      ]) {
        const response = await ask("redirect", { method: "POST", ...init });
        expectPolicy(response, 303);
        expect(response.headers.get("location")).toBe("/next/target?a=1;b=2");
      }
      const json = { method: "POST", body: "{}", headers: { "content-type": "application/json" } };
      expectPolicy(await ask("redirect", json), 307);
    });

    test.each([
      ["not-found", 404, "not_found"],
      ["forbidden", 403, "forbidden"],
    ])("%s, as a problem", async (what, status, code) => {
      await expectProblem(await ask(what), status, code);
    });

    test("unauthorized", async () => {
      const response = await ask("unauthorized");
      expectPolicy(response, 401);
      expect(await response.text()).toBe("");
    });

    test("what a check answers in these ways", async () => {
      const response = await ask("error", { headers: { "x-check": "redirect" } });
      expectPolicy(response, 307);
      expect(response.headers.get("location")).toBe("/next/target?a=1;b=2");
      await expectProblem(await ask("error", { headers: { "x-check": "not-found" } }), 404, "not_found");
      await expectProblem(await ask("error", { headers: { "x-check": "problem" } }), 403, "gate_closed");
      await expectProblem(await ask("cookies", { headers: { "x-check": "error" } }), 500, "internal_error");
    });
  });

  test("cookies() are added to two Set-Cookie of the handler, and to a redirect", async () => {
    const response = await ask("cookies");
    expectPolicy(response, 200);
    expect(response.headers.getSetCookie()).toEqual(["c=3; Path=/", "d=4; Path=/", "a=1; Path=/", "b=2; Path=/"]);
    const redirected = await ask("redirect-with-cookies");
    expectPolicy(redirected, 307);
    expect(redirected.headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2; Path=/"]);
  });

  test.each([
    ["error", "an error"],
    ["cached-error", "an error with a digest of Next.js that is no order to it"],
    ["redirect-broken", "a redirect that cannot be sent"],
  ])("%s: %s is a 500 that tells nothing", async (what) => {
    const response = await ask(what);
    expect(await response.clone().text()).not.toMatch(/hunter2|NEXT_REDIRECT|ByteString/);
    await expectProblem(response, 500, "internal_error");
  });

  test.each([
    ["in a handler", "interruption", {}],
    ["in a check", "error", { "x-check": "interruption" }],
  ])("gives Next.js back what it throws %s to interrupt a request, and reports no error", async (_, what, headers) => {
    const response = await ask(what, { headers });
    expect(response.status).toBe(500); // at this time Next.js has no other use for it
    expect(response.headers.has("x-request-id")).toBe(false);
    expect(output()).toContain("⨯ Error: interrupted");
    expect(output()).not.toMatch(/mantlet: .* Error: interrupted/);
  });
}
