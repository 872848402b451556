import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { middleware, requires } from "../../../adapters/hono.ts";
import { policy } from "../../../src/index.ts";
import { expectProblem, recorder, silent } from "../../lib/harness.ts";
import { as, countingTokens, expectFields } from "./support.ts";

describe("a route without authentication", () => {
  const makeApp = () => {
    const auth = countingTokens();
    const seen: unknown[] = [];
    const api = policy({
      auth,
      rateLimit: [
        { name: "address", limit: 1000, windowSeconds: 60 },
        { name: "user", limit: 5, windowSeconds: 60, by: "identity" },
      ],
      authFailures: { limit: 3 },
      clientIp: { onUnknownAddress: "shared" },
      checks: [
        {
          name: "seen",
          check: (_, { auth }) => {
            seen.push(auth.subject);
            return { caller: auth.subject };
          },
        },
      ],
      routes: { "/*": { auth: "none" } },
      onEvent: silent,
    });
    const app = new Hono()
      .use(middleware(api))
      .get("/open", (c) => c.text(c.var.auth.method))
      .get("/admin", requires(api, { scopes: ["admin"] }), (c) =>
        c.json({ subject: c.var.auth.subject, caller: c.var.caller }),
      );
    return { app, auth, seen };
  };

  test("authenticates where a handler asks, with a challenge that names the scopes", async () => {
    const { app, auth } = makeApp();
    expect(await (await app.request("/open", { headers: as("alice=admin") })).text()).toBe("anonymous");
    const refused = await app.request("/admin");
    expect(refused.headers.get("www-authenticate")).toBe('Bearer realm="api", scope="admin"');
    await expectProblem(refused, 401, "credentials_required");
    expect(auth.calls()).toBe(0);
    const response = await app.request("/admin", { headers: as("alice=admin") });
    expect(response.status).toBe(200);
    expect(auth.calls()).toBe(1);
  });

  test("runs the policy's checks for whom it did not know", async () => {
    const { app, seen } = makeApp();
    const response = await app.request("/admin", { headers: as("alice=admin") });
    expect(await response.json()).toEqual({ subject: "alice", caller: "alice" });
    expect(seen).toEqual([null, "alice"]);
  });

  test("counts the identity, and tells of each limit once", async () => {
    const { app } = makeApp();
    for (const left of [4, 3, 2, 1, 0]) {
      const response = await app.request("/admin", { headers: as("alice=admin") });
      expect(response.status).toBe(200);
      expect(response.headers.get("ratelimit-policy")).toBe('"address";q=1000;w=60, "user";q=5;w=60');
      expect(response.headers.get("ratelimit")).toMatch(new RegExp(`"user";r=${left};t=\\d+$`));
    }
    const limited = await app.request("/admin", { headers: as("alice=admin") });
    expectFields(limited);
    await expectProblem(limited, 429, "rate_limited");
  });

  test("counts each identity for itself, whatever was counted for their address", async () => {
    const { app } = makeApp();
    for (const name of ["alice", "bob", "carol"]) {
      const response = await app.request("/admin", { headers: as(`${name}=admin`) });
      expect(response.headers.get("ratelimit")).toContain('"user";r=4;');
    }
  });

  test("throttles bad credentials", async () => {
    const { app } = makeApp();
    const env = { incoming: { socket: { remoteAddress: "192.0.2.1" } } };
    const codes: string[] = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      const response = await app.request("/admin", { headers: { Authorization: "Bearer guess" } }, env);
      codes.push((await response.json()).code);
    }
    expect(codes.at(0)).toBe("invalid_token");
    expect(codes.at(-1)).toBe("rate_limited");
  });
});

describe("nothing is done twice", () => {
  const makeApp = () => {
    const auth = countingTokens();
    const { events, onEvent } = recorder();
    let checked = 0;
    const api = policy({
      auth,
      rateLimit: { name: "all", limit: 10, windowSeconds: 60 },
      clientIp: { onUnknownAddress: "shared" },
      checks: [{ name: "count", check: () => void checked++ }],
      onEvent,
    });
    const app = new Hono();
    const burst = requires(api, { rateLimit: { name: "burst", limit: 5, windowSeconds: 1 } });
    app.use(middleware(api), middleware(api));
    app.use("/deep/*", middleware(api), burst, burst);
    app.get(
      "/deep/notes",
      requires(api, { scopes: ["notes:read"] }),
      burst,
      requires(api, { anyScope: ["admin"] }),
      (c) => c.text("notes"),
    );
    return { app, auth, events, checked: () => checked };
  };

  test("one authentication, one count, one run of the checks, one set of fields", async () => {
    const { app, auth, checked } = makeApp();
    const response = await app.request("/deep/notes", { headers: as("alice=notes:read,admin") });
    expect(response.status).toBe(200);
    expect([auth.calls(), checked()]).toEqual([1, 1]);
    expect(response.headers.get("ratelimit-policy")).toBe('"all";q=10;w=60, "burst";q=5;w=1');
    expect(response.headers.get("ratelimit")).toMatch(/^"all";r=9;t=\d+, "burst";r=4;t=\d+$/);
    expect(response.headers.get("vary")).toBe("Authorization");
  });

  test("nobody is asked twice whether an origin is allowed, and what is only reported is reported once", async () => {
    const { events, onEvent } = recorder();
    const asked: string[] = [];
    const origins = (origin: string): boolean => asked.push(origin) < 0;
    const api = policy({
      cors: { origins },
      crossOrigin: { origins: ["https://app.example.com"], mode: "report" },
      onEvent,
    });
    const app = new Hono().use(middleware(api));
    app.post("/", requires(api, { methods: ["POST"] }), (c) => c.text("in"));
    const response = await app.request("/", { method: "POST", headers: { Origin: "https://evil.example.net" } });
    expect(response.status).toBe(200);
    expect(asked).toEqual(["https://evil.example.net"]);
    expect(events.map(({ code }) => code)).toEqual(["cross_origin_refused"]);
  });

  test("every one of several requirements holds", async () => {
    const { app, events } = makeApp();
    const response = await app.request("/deep/notes", { headers: as("alice=notes:read") });
    await expectProblem(response, 403, "insufficient_scope");
    expect(events.map(({ code }) => code)).toEqual(["insufficient_scope"]);
  });
});

describe("limits", () => {
  test("are added under the same fields, which scripts may read", async () => {
    const api = policy({
      cors: { origins: ["https://app.example.com"] },
      clientIp: { onUnknownAddress: "shared" },
      onEvent: silent,
    });
    const app = new Hono().use(middleware(api));
    app.get(
      "/dear",
      requires(api, { rateLimit: { name: "dear", limit: 1, windowSeconds: 60 } }),
      requires(api, {}),
      (c) => c.text("x"),
    );
    const send = () => app.request("/dear", { headers: { Origin: "https://app.example.com" } });
    const first = await send();
    expect(first.status).toBe(200);
    expect(first.headers.get("ratelimit")).toMatch(/^"dear";r=0;t=\d+$/);
    expect(first.headers.get("access-control-expose-headers")).toContain("RateLimit");
    const second = await send();
    expect(second.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
    expect(Number(second.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(second.headers.get("ratelimit")).toMatch(/^"dear";r=0;t=\d+$/);
    await expectProblem(second, 429, "rate_limited");
  });
});
