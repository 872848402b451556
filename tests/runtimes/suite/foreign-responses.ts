import { expect, test } from "vitest";
import type { Subject } from "../conformance.ts";
import { app, foreign } from "../origins.ts";
import { expectCounted, expectPolicy } from "./expectations.ts";

const tenant = "https://a.tenants.example.com";
const fromApp = { headers: { Origin: app } };

/** Responses that somebody else made, whose headers may be immutable, or that were sent before. */
export function foreignResponses({ send, upstream }: Subject): void {
  test("writes over a redirect, whose headers are immutable", async () => {
    const response = await send("/redirect", fromApp);
    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toBe("https://www.example.com/next");
    expectPolicy(response, app);
    expectCounted(response, "wide", 100_000, 60);
  });

  test("writes over what fetch() gave, and replaces the upstream's CORS, id and quota", async () => {
    const response = await send(`/proxy?upstream=${upstream().url}/plain`, fromApp);
    expect(response.status).toBe(200);
    expectPolicy(response, app);
    expectCounted(response, "wide", 100_000, 60);
    expect(response.headers.getSetCookie()).toEqual(["upstream=1; Path=/", "upstream=2; Path=/"]);
    expect(response.headers.get("referrer-policy")).toBe("same-origin");
    expect(await response.json()).toEqual({ from: "upstream" });
  });

  test("takes an upstream's Access-Control fields from a foreign origin", async () => {
    const response = await send(`/proxy?upstream=${upstream().url}/plain`, { headers: { Origin: foreign } });
    expect(response.status).toBe(200);
    expectPolicy(response, undefined);
  });

  test("keeps both Set-Cookie fields", async () => {
    const response = await send("/cookies", fromApp);
    expectPolicy(response, app);
    expect(response.headers.getSetCookie()).toEqual([
      "a=1; Path=/; HttpOnly",
      "b=2; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
    ]);
  });

  test.each([
    ["204", "/kept/no-content"],
    ["redirect", "/kept/redirect"],
  ])("never sends the fields of one origin to the next with a %s that the handler keeps", async (_, path) => {
    const ids = new Set<string | null>();
    for (const origin of [app, foreign, tenant, undefined, app]) {
      const response = await send(path, { headers: origin === undefined ? {} : { Origin: origin } });
      expectPolicy(response, origin === foreign ? undefined : origin);
      ids.add(response.headers.get("x-request-id"));
    }
    expect(ids.size).toBe(5);
  });

  test("sends a stream chunk by chunk", async () => {
    const gate = upstream().gate();
    const response = await send(`/stream?upstream=${gate.url}`, fromApp);
    expectPolicy(response, app);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    // The second chunk cannot be there: the handler gets it only after the gate is opened.
    expect(await reader?.read()).toEqual({ done: false, value: "first" });
    gate.open();
    expect(await reader?.read()).toEqual({ done: false, value: "second" });
    expect(await reader?.read()).toMatchObject({ done: true });
  });

  test("does not wait for the work that waitUntil() keeps alive", async () => {
    const [first, second] = [upstream().gate(), upstream().gate()];
    const response = await send(`/later?upstream=${first.url},${second.url}`, fromApp);
    expect(response.status).toBe(202);
    expectPolicy(response, app);
    expect(await response.text()).toBe("");
    first.open();
    await second.reached;
    second.open();
  });
}
