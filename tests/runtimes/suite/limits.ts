import { expect, test } from "vitest";
import type { Subject } from "../conformance.ts";
import { app, foreign } from "../origins.ts";
import { expectCounted, expectPolicy, expectProblem, fieldsOf } from "./expectations.ts";

/** Limits by the address of the peer. */
export function limits({ send }: Subject): void {
  test("sees the address of the peer, whatever fields the client sends", async () => {
    const headers = {
      Forwarded: "for=203.0.113.7",
      "X-Forwarded-For": "203.0.113.7",
      "X-Real-IP": "203.0.113.7",
      "X-Client-IP": "203.0.113.7",
      "True-Client-IP": "203.0.113.7",
    };
    const response = await send("/who", { headers });
    expect(await response.json()).toMatchObject({ clientIp: "127.0.0.1" });
  });

  test("refuses after the limit, in a way that the allowed origin can read", async () => {
    for (const remaining of ["2", "1", "0"]) {
      const response = await send("/limited", { headers: { Origin: app } });
      expect(response.status).toBe(200);
      expectCounted(response, "narrow", 3, 3600);
      expect(response.headers.get("x-ratelimit-remaining")).toBe(remaining);
    }

    const preflight = await send("/limited", {
      method: "OPTIONS",
      headers: { Origin: app, "Access-Control-Request-Method": "GET" },
    });
    expect(preflight.status).toBe(204);

    const refused = await send("/limited", { headers: { Origin: app, "X-Forwarded-For": "203.0.113.8" } });
    expectPolicy(refused, app);
    expectCounted(refused, "narrow", 3, 3600);
    const exposed = (refused.headers.get("access-control-expose-headers") ?? "").toLowerCase().split(", ");
    expect(exposed).toEqual(
      expect.arrayContaining(["retry-after", ...Object.keys(fieldsOf(refused, "ratelimit", "x-ratelimit-"))]),
    );
    const retryAfter = Number(refused.headers.get("retry-after"));
    expect(retryAfter).toBeGreaterThan(1000);
    expect(retryAfter).toBeLessThanOrEqual(1200); // a third of the window
    expect(refused.headers.get("ratelimit")).toBe(`"narrow";r=0;t=${retryAfter}`);
    expect(await refused.clone().json()).toMatchObject({ "violated-policies": ["narrow"] });
    await expectProblem(refused, 429, "rate_limited");

    const unreadable = await send("/limited", { headers: { Origin: foreign } });
    expectPolicy(unreadable, undefined);
    expectCounted(unreadable, "narrow", 3, 3600);
    await expectProblem(unreadable, 429, "rate_limited");
  });
}
