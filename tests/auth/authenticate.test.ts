import { describe, expect, test } from "vitest";
import {
  type Anonymous,
  type Authenticator,
  anyOf,
  type Identity,
  optional,
  policy,
  problem,
} from "../../src/index.ts";
import { as, expectProblem, get, ok, recorder, silent, thenable, tokens, tokensThat } from "../lib/harness.ts";
import { fieldOf } from "./support.ts";

const whoami = (_request: Request, { auth }: { auth: { subject: string | null; method: string } }): Response =>
  Response.json({ subject: auth.subject, method: auth.method });

const bad = { authorization: "Bearer bad" };
const routes = { "/open": { auth: "none" }, "/maybe": { auth: "optional" } } as const;

test("a verified identity is in the handler's context", async () => {
  const response = await policy({ auth: tokens })(whoami)(get("/", as("ann")));
  expect(await response.json()).toEqual({ subject: "ann", method: "token" });
});

test("an asynchronous authenticator is awaited", async () => {
  const auth = {
    ...tokens,
    authenticate: async (...args: Parameters<typeof tokens.authenticate>) => tokens.authenticate(...args),
  };
  expect(await (await policy({ auth })(whoami)(get("/", as("ann")))).json()).toMatchObject({ subject: "ann" });
  await expectProblem(await policy({ auth, onEvent: silent })(ok)(get("/", bad)), 401, "invalid_token");
});

test("an authenticator may give a thenable whose then() gives nothing", async () => {
  const authenticate = (...args: Parameters<typeof tokens.authenticate>): ReturnType<typeof tokens.authenticate> =>
    thenable((give) => give(tokens.authenticate(...args))) as ReturnType<typeof tokens.authenticate>; // as JavaScript callers may
  const fetch = policy({ auth: { ...tokens, authenticate }, onEvent: silent })(ok);
  expect((await fetch(get("/", as("ann")))).status).toBe(200);
  await expectProblem(await fetch(get("/", bad)), 401, "invalid_token");
});

describe("a present() that is asynchronous, as JavaScript lets it be", () => {
  const configError = { type: "handler_error", error: expect.objectContaining({ name: "ConfigError" }) };

  test.each<readonly [string, () => unknown]>([
    ["gives true", async () => true],
    ["gives false", async () => false],
    ["rejects, which is not left unhandled", () => Promise.reject(new Error("down"))],
    ["gives a thenable", () => thenable((give) => give(false))],
  ])("is a mistake of the configuration where it %s: a promise would say yes to everybody", async (_, present) => {
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on("unhandledRejection", note);
    const untypedTokens = { ...tokens, present: present as () => boolean };
    const either = anyOf(fieldOf("X-Key", "key"), untypedTokens);
    const all: readonly Authenticator<Identity | Anonymous>[] = [
      untypedTokens,
      optional(untypedTokens),
      either,
      { ...either, name: "wrapped" },
    ];
    for (const auth of all) {
      const { events, onEvent } = recorder();
      const fetch = policy({ auth, onEvent })(ok);
      await expectProblem(await fetch(get("/", as("ann"))), 500, "internal_error");
      expect(events).toEqual([expect.objectContaining(configError)]);
    }
    await new Promise((resolve) => setTimeout(resolve));
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });
});

test("a request without credentials is 401 with the bare challenge, and the handler is not called", async () => {
  const { events, onEvent } = recorder();
  let calls = 0;
  const fetch = policy({ auth: tokens, onEvent })(() => {
    calls++;
    return ok();
  });
  const response = await fetch(get());
  await expectProblem(response, 401, "credentials_required");
  expect(response.headers.get("www-authenticate")).toBe('Bearer realm="api"');
  expect(response.headers.get("vary")).toBe("Authorization");
  expect(calls).toBe(0);
  expect(events).toMatchObject([{ type: "refused", code: "credentials_required", status: 401 }]);
});

test("a bad credential is answered with the authenticator's own refusal, and the handler is not called", async () => {
  const { events, onEvent } = recorder();
  let calls = 0;
  const fetch = policy({ auth: tokens, onEvent })(() => {
    calls++;
    return ok();
  });
  const response = await fetch(get("/", bad));
  await expectProblem(response, 401, "invalid_token");
  expect(response.headers.get("www-authenticate")).toBe('Bearer realm="api", error="invalid_token"');
  expect(calls).toBe(0);
  expect(events.filter(({ type }) => type === "refused")).toMatchObject([{ code: "invalid_token", status: 401 }]);
});

describe('auth: "optional"', () => {
  const fetch = policy({ auth: tokens, routes, onEvent: silent })(whoami);

  test("lets a request without credentials pass as anonymous", async () => {
    expect(await (await fetch(get("/maybe"))).json()).toEqual({ subject: null, method: "anonymous" });
  });

  test("verifies a good credential", async () => {
    expect(await (await fetch(get("/maybe", as("ann")))).json()).toEqual({ subject: "ann", method: "token" });
  });

  test("refuses a bad credential", async () => {
    await expectProblem(await fetch(get("/maybe", bad)), 401, "invalid_token");
  });
});

describe('auth: "none"', () => {
  test("never looks at credentials, good or bad", async () => {
    let looks = 0;
    const auth: typeof tokens = {
      ...tokens,
      present: (request) => {
        looks++;
        return tokens.present(request);
      },
    };
    const fetch = policy({ auth, routes })(whoami);
    for (const headers of [{}, bad, as("ann")]) {
      expect(await (await fetch(get("/open", headers))).json()).toEqual({ subject: null, method: "anonymous" });
    }
    expect(looks).toBe(0);
  });
});

test("anonymous has no scopes, and what one request does to it no other sees", async () => {
  const scopes: number[] = [];
  const fetch = policy({ auth: tokens, routes })((_request, { auth }) => {
    scopes.push(auth.scopes.size);
    try {
      (auth.scopes as Set<string>).add("admin"); // what careless code may write
    } catch {
      // a frozen set is fine too
    }
    return ok();
  });
  await fetch(get("/open"));
  await fetch(get("/open"));
  expect(scopes).toEqual([0, 0]);
});

test("without an authenticator the context has no auth", async () => {
  let has: boolean | undefined;
  await policy()((_request, context) => {
    has = "auth" in context;
    return ok();
  })(get("/", as("ann")));
  expect(has).toBe(false);
});

describe("Vary names the fields that carry credentials", () => {
  const keys: Authenticator<Identity<"key">> = {
    name: "keys",
    challenge: 'ApiKey realm="api"',
    fields: ["X-API-Key", "Cookie"],
    ambient: false,
    present: (request) => request.headers.has("x-api-key"),
    authenticate: () => ({ method: "key", subject: "k", scopes: new Set() }),
  };

  test("on answers, refusals and open routes alike", async () => {
    const fetch = policy({ auth: keys, routes, onEvent: silent })(ok);
    for (const request of [get("/", { "x-api-key": "k" }), get("/"), get("/open"), get("/maybe")]) {
      expect((await fetch(request)).headers.get("vary")).toBe("X-API-Key, Cookie");
    }
  });

  test.each([
    ["accept", "accept, X-API-Key, Cookie"],
    ["x-api-key", "x-api-key, Cookie"],
    ["COOKIE, X-Api-Key", "COOKIE, X-Api-Key"],
    ["*", "*"],
    ["accept, *", "accept, *"],
  ])("merged into a handler's Vary: %s", async (own, merged) => {
    const fetch = policy({ auth: keys })(() => Response.json({}, { headers: { vary: own } }));
    expect((await fetch(get("/", { "x-api-key": "k" }))).headers.get("vary")).toBe(merged);
  });
});

describe("an authenticator that cannot decide is 503 auth_unavailable", () => {
  const throwing = (): never => {
    throw new Error("canary");
  };
  const nothing = (value: unknown) => () => value as never; // what JavaScript callers may write
  test.each<readonly [string, Authenticator<Identity<"token">>]>([
    ["throws", tokensThat(throwing)],
    ["rejects", tokensThat(() => Promise.reject(new Error("canary")))],
    ["throws a Response", tokensThat(() => Promise.reject(ok()))],
    ["throws in present", { ...tokens, present: throwing }],
    ["gives undefined", tokensThat(nothing(undefined))],
    ["gives null", tokensThat(nothing(null))],
    ["gives true", tokensThat(nothing(true))],
    ["gives an identity without subject", tokensThat(nothing({ method: "token", scopes: new Set() }))],
    ["gives an identity without method", tokensThat(nothing({ subject: "ann", scopes: new Set() }))],
    ["gives somebody without a name", tokensThat(nothing({ method: "token", subject: "", scopes: new Set() }))],
    ["gives nobody", tokensThat(nothing({ method: "anonymous", subject: "ann", scopes: new Set() }))],
    ["promises null", tokensThat(nothing(Promise.resolve(null)))],
  ])("%s", async (_name, auth) => {
    for (const path of ["/", "/maybe"]) {
      const { events, onEvent } = recorder();
      let calls = 0;
      const response = await policy({ auth, routes, onEvent })(() => {
        calls++;
        return ok();
      })(get(path, as("ann")));
      expect(await response.clone().text()).not.toContain("canary");
      await expectProblem(response, 503, "auth_unavailable");
      expect(response.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
      expect(response.headers.get("www-authenticate")).toBeNull();
      expect(calls).toBe(0);
      expect(events).toMatchObject([{ type: "auth_unavailable", code: "auth_unavailable" }]);
    }
  });
});

test("a refusal that an authenticator throws is no answer: 503", async () => {
  const auth = tokensThat(() => {
    throw problem(403, "thrown");
  });
  await expectProblem(await policy({ auth, onEvent: silent })(ok)(get("/", as("ann"))), 503, "auth_unavailable");
});
