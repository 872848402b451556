import { describe, expect, test } from "vitest";
import { address, answerTo, codeOf, steps, traced } from "./runtimes/traced.ts";

describe("a request that every step from one on objects to", () => {
  test.each(steps.map((expected, index) => [expected.step, expected, steps.slice(index)] as const))(
    "is answered by the first: %s, and no later step runs",
    async (_, expected, objecting) => {
      const { response, ran } = await answerTo(objecting.map(({ step }) => step));
      expect(response.status).toBe(expected.status);
      expect(await codeOf(response)).toBe(expected.code);
      expect(ran).toEqual(expected.ran);
    },
  );
});

describe("a request that two steps object to", () => {
  const pairs = steps.flatMap((first, index) => steps.slice(index + 1).map((second) => [first, second] as const));

  test.each(pairs.map(([first, second]) => [first.step, second.step, first] as const))(
    "is answered by %s, not by %s",
    async (first, second, expected) => {
      const { response, ran } = await answerTo([first, second]);
      expect(response.status).toBe(expected.status);
      expect(await codeOf(response)).toBe(expected.code);
      expect(ran).toEqual(expected.ran);
    },
  );
});

test("a request that no step objects to runs through all of them, in their order", async () => {
  const { response, ran } = await answerTo([]);
  expect(response.status).toBe(204);
  expect(ran).toEqual(["count ip", "authenticate", "count user", "requirement", "check", "handler"]);
});

describe("a preflight", () => {
  const all = steps.map(({ step }) => step).filter((step) => step !== "path" && step !== "cross-origin");

  test("is answered before the method, the limits and authentication, and costs nothing", async () => {
    const { response, ran } = await answerTo(
      all,
      { Origin: "https://app.example.com", "Access-Control-Request-Method": "POST" },
      "OPTIONS",
    );
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
    expect(ran).toEqual([]);
  });

  test("of a foreign origin is refused before all of them", async () => {
    const { response, ran } = await answerTo(
      [...all, "cross-origin"],
      { "Access-Control-Request-Method": "POST" },
      "OPTIONS",
    );
    expect(response.status).toBe(403);
    expect(response.headers.has("access-control-allow-origin")).toBe(false);
    expect(await codeOf(response)).toBe("preflight_refused");
    expect(ran).toEqual([]);
  });

  test("for a malformed path is 400: no rule is known to hold there", async () => {
    const { response } = await answerTo(
      ["path"],
      { Origin: "https://app.example.com", "Access-Control-Request-Method": "POST" },
      "OPTIONS",
    );
    expect(response.status).toBe(400);
    expect(await codeOf(response)).toBe("malformed_path");
  });

  test("is not what an OPTIONS without Access-Control-Request-Method is: that is subject to the method", async () => {
    const { response, ran } = await answerTo([], { Origin: "https://app.example.com" }, "OPTIONS");
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
    expect(ran).toEqual([]);
  });
});

describe("what a refusal costs", () => {
  test("a request without a credential counts against its address and reaches no authenticator", async () => {
    const { ran, run } = traced();
    const response = await run(new Request("https://api.example.com/", { method: "POST" }), { clientIp: address });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
    expect(await codeOf(response)).toBe("credentials_required");
    expect(ran).toEqual(["count ip"]);
  });

  test("a request refused by its address costs its identity nothing", async () => {
    const { run } = traced();
    const send = (clientIp: string): Promise<Response> =>
      run(new Request("https://api.example.com/", { method: "POST", headers: { Authorization: "good alice" } }), {
        clientIp,
      });
    const greedy = new Request("https://api.example.com/", { method: "POST" });
    await run(greedy, { clientIp: address });
    expect((await send(address)).status).toBe(429);
    expect((await send("192.0.2.2")).status).toBe(204);
    const refused = await send("192.0.2.3");
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ "violated-policies": ["user"] });
  });

  test("a refused cross-origin request counts against nobody", async () => {
    const { run } = traced();
    const headers = { Authorization: "good alice", Origin: "https://evil.example.net", "Sec-Fetch-Site": "cross-site" };
    const foreign = new Request("https://api.example.com/", { method: "POST", headers });
    expect((await run(foreign, { clientIp: address })).status).toBe(403);
    const own = new Request("https://api.example.com/", {
      method: "POST",
      headers: { Authorization: "good alice" },
    });
    expect((await run(own, { clientIp: address })).status).toBe(204);
  });
});
