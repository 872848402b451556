import { describe, expect, test } from "vitest";
import { anyOf, optional, policy, problem } from "../../src/index.ts";
import { expectProblem, get, issuesFrom, silent } from "../lib/harness.ts";
import { fieldOf, schemeOf, whoami } from "./support.ts";

const bearer = schemeOf("Bearer", "token");
const badge = fieldOf("x-badge", "Badge");
const session = fieldOf("cookie", "session", { ambient: true, challenge: 'Session realm="api"' });
const fetch = policy({ auth: anyOf(bearer, badge, session), onEvent: silent })(whoami);
const both = 'Bearer realm="api", Badge realm="api", header="x-badge", Session realm="api"';

describe("the credential that is there chooses who verifies", () => {
  test.each([
    ["a bearer token", { authorization: "Bearer ann" }, "token"],
    ["a badge", { "x-badge": "bob" }, "Badge"],
    ["a cookie", { cookie: "cyd" }, "session"],
  ])("%s", async (_, headers, method) => {
    expect(await (await fetch(get("/", headers))).json()).toMatchObject({ method });
  });

  test("nothing is 401 with every challenge", async () => {
    const response = await fetch(get());
    expect(response.headers.get("www-authenticate")).toBe(both);
    await expectProblem(response, 401, "credentials_required");
  });

  test("a refusal without a challenge gets none: another credential would not help", async () => {
    const banned = fieldOf("x-badge", "Badge", { authenticate: () => problem(403, "banned") });
    const response = await policy({ auth: anyOf(bearer, banned), onEvent: silent })(whoami)(
      get("/", { "x-badge": "bob" }),
    );
    expect(response.headers.has("www-authenticate")).toBe(false);
    await expectProblem(response, 403, "banned");
  });

  test("a scheme that nobody accepts is 401 with every challenge", async () => {
    const response = await fetch(get("/", { authorization: "Basic YTpi" }));
    expect(response.headers.get("www-authenticate")).toBe(both);
    await expectProblem(response, 401, "credentials_required");
  });
});

describe("a bad credential is never tried as another kind", () => {
  test.each([
    [
      { authorization: "Bearer bad" },
      'Bearer realm="api", error="invalid_token", Badge realm="api", header="x-badge", Session realm="api"',
    ],
    [
      { "x-badge": "bad" },
      'Bearer realm="api", Badge realm="api", header="x-badge", error="invalid_token", Session realm="api"',
    ],
  ])("%j: its challenge says so, and the others are bare", async (headers, challenges) => {
    const response = await fetch(get("/", headers));
    expect(response.headers.get("www-authenticate")).toBe(challenges);
    await expectProblem(response, 401, "invalid_token");
  });

  test("nor does a good cookie help it", async () => {
    const response = await fetch(get("/", { authorization: "Bearer bad", cookie: "cyd" }));
    await expectProblem(response, 401, "invalid_token");
  });
});

describe("two credentials at once", () => {
  test("that are explicit are refused, good as they may be", async () => {
    const response = await fetch(get("/", { authorization: "Bearer ann", "x-badge": "bob" }));
    expect(response.headers.get("www-authenticate")).toBe(
      [
        'Bearer realm="api", error="invalid_request"',
        'Badge realm="api", error="invalid_request", header="x-badge"',
        'Session realm="api", error="invalid_request"',
      ].join(", "),
    );
    await expectProblem(response, 400, "invalid_request");
  });

  test("of which one is ambient: the explicit one counts", async () => {
    const response = await fetch(get("/", { authorization: "Bearer ann", cookie: "cyd" }));
    expect(await response.json()).toEqual({ method: "token", subject: "ann" });
  });

  test("that are both ambient: the first of the list counts, for no client could leave one out", async () => {
    const auth = anyOf(session, fieldOf("x-client-certificate", "certificate", { ambient: true }));
    const response = await policy({ auth, onEvent: silent })(whoami)(
      get("/", { cookie: "cyd", "x-client-certificate": "dan" }),
    );
    expect(await response.json()).toEqual({ method: "session", subject: "cyd" });
  });
});

describe("authenticators that share Authorization", () => {
  const keys = fieldOf("x-api-key", "key", {
    fields: ["X-API-Key", "Authorization"],
    prefix: "acme_",
    present: (request) =>
      request.headers.has("x-api-key") || (request.headers.get("authorization")?.startsWith("Bearer acme_") ?? false),
    authenticate: () => ({ method: "key", subject: "k", scopes: new Set() }),
  });
  const shared = policy({ auth: anyOf(bearer, keys), onEvent: silent })(whoami);

  test("the one whose prefix fits is chosen", async () => {
    expect(await (await shared(get("/", { authorization: "Bearer acme_1" }))).json()).toMatchObject({ method: "key" });
  });

  test("another credential is the other's", async () => {
    expect(await (await shared(get("/", { authorization: "Bearer ann" }))).json()).toMatchObject({ method: "token" });
  });

  test("a key beside a token in the query is two credentials", async () => {
    const looking = { ...bearer, present: (request: Request) => request.url.includes("access_token") };
    const both = policy({ auth: anyOf(looking, keys), onEvent: silent })(whoami);
    await expectProblem(
      await both(get("/?access_token=x", { authorization: "Bearer acme_1" })),
      400,
      "invalid_request",
    );
  });

  test("a key in its own field beside a token is two credentials", async () => {
    const response = await shared(get("/", { authorization: "Bearer ann", "x-api-key": "acme_1" }));
    await expectProblem(response, 400, "invalid_request");
  });
});

test("Vary names the fields of all kinds", async () => {
  expect((await fetch(get())).headers.get("vary")).toBe("Authorization, x-badge, cookie");
});

test("a handler's own authenticator may stand on it", async () => {
  const inner = anyOf(bearer, badge);
  const auth = {
    ...inner,
    authenticate: (...args: Parameters<typeof inner.authenticate>) => inner.authenticate(...args),
  };
  const protect = policy({ auth, onEvent: silent })(whoami);
  expect(await (await protect(get("/", { "x-badge": "bob" }))).json()).toMatchObject({ method: "Badge" });
  const two = await protect(get("/", { authorization: "Bearer ann", "x-badge": "bob" }));
  await expectProblem(two, 400, "invalid_request");
});

describe("mistakes in anyOf", () => {
  const untyped = anyOf as unknown as (...authenticators: readonly unknown[]) => unknown; // JavaScript callers have no types
  test.each([
    ["no authenticator", [], "anyOf", /at least two/],
    ["one authenticator", [bearer], "anyOf", /at least two/],
    ["a text, which may be a secret", [bearer, "session"], "anyOf[1]", /^is not an authenticator$/],
    ["undefined", [bearer, undefined], "anyOf[1]", /^is not an authenticator$/],
    ["two of one name", [bearer, badge, { ...bearer }], "anyOf[2]", /"token" is there twice/],
    ["an optional one", [badge, optional(bearer)], "anyOf[1]", /is a combination itself/],
    ["another anyOf", [anyOf(badge, session), bearer], "anyOf[0]", /is a combination itself/],
  ])("%s", (_, authenticators, path, message) => {
    expect(issuesFrom(() => untyped(...authenticators))).toEqual([{ path, message: expect.stringMatching(message) }]);
  });
});
