import { describe, expect, test } from "vitest";
import { anyOf, optional, policy } from "../../../src/index.ts";
import { jwt } from "../../../src/jwt.ts";
import { expectProblem, ok, recorder, silent, tokens } from "../../lib/harness.ts";
import { around, challenges, claims, header, hmac, issuer, options, request, token } from "./support.ts";

const good = await token();
const by = around(options);

async function expectAnswer(
  sent: Request,
  status: number,
  code: string,
  challenge: string,
  fetch = by.fetch,
): Promise<void> {
  const response = await fetch(sent);
  expect(response.headers.get("www-authenticate")).toBe(challenge);
  expect(response.headers.get("vary")).toContain("Authorization");
  await expectProblem(response, status, code);
}

describe("a token is found whatever the case of the scheme and however many spaces follow", () => {
  test.each(["Bearer", "bearer", "BEARER", "bEaReR", "Bearer ", "Bearer      "])("%j", async (scheme) => {
    expect((await by.fetch(request(`${scheme} ${good}`))).status).toBe(200);
  });
  test("white space around the field is none of its value", async () => {
    expect((await by.fetch(request(`  Bearer ${good} \t`))).status).toBe(200);
  });
});

describe("no credentials, or none of ours, are answered with the bare challenge", () => {
  test.each([
    ["no field", undefined],
    ["an empty field", ""],
    ["another scheme", "Basic YTpi"],
    ["a scheme that begins alike", `Bearertoken ${good}`],
    ["a token bound to a key", `DPoP ${good}`],
    ["a token without a scheme", good],
    ["one in quotes", `"Bearer ${good}"`],
  ])("%s", async (_name, value) => {
    await expectAnswer(request(value), 401, "credentials_required", challenges.bare);
  });

  test("a cookie is no credential", async () => {
    const sent = new Request("https://api.example.com/", { headers: { cookie: `access_token=${good}` } });
    await expectAnswer(sent, 401, "credentials_required", challenges.bare);
  });
});

describe("Authorization: Bearer without exactly one credential is malformed", () => {
  test.each([
    ["no credential", "Bearer"],
    ["a comma", "Bearer,"],
    ["a tab for the space", `Bearer\t${good}`],
    ["a tab behind the space", `Bearer \t${good}`],
    ["two credentials", `Bearer ${good} ${good}`],
    ["something behind it", `Bearer ${good} junk`],
    ["two values", `Bearer ${good}, Bearer ${good}`],
    ["two values, one of another scheme", `Bearer ${good}, Basic YTpi`],
    ["two values, ours last", `Basic YTpi, Bearer ${good}`],
    ["two values, one empty", `Bearer ${good},`],
    ["parameters", `Bearer token="${good}"`],
    ["padding in the middle", "Bearer a=b"],
    ["latin-1", "Bearer tökén"],
    ["latin-1 behind", `Bearer ${good}é`],
  ])("%s", async (_name, value) => {
    await expectAnswer(request(value), 400, "invalid_request", challenges.malformed);
  });

  test("two lines", async () => {
    const headers = new Headers([
      ["authorization", `Bearer ${good}`],
      ["authorization", `Bearer ${good}`],
    ]);
    const sent = new Request("https://api.example.com/", { headers });
    await expectAnswer(sent, 400, "invalid_request", challenges.malformed);
  });
});

describe("a token in the query is refused", () => {
  test.each([
    `?access_token=${good}`,
    `?a=1&access_token=${good}#x`,
    "?access_token",
    "?access_token=",
    `?%61ccess_token=${good}`,
    `?access_token=${good}&access_token=x`,
  ])("%#: alone", async (query) => {
    await expectAnswer(request(undefined, `/notes${query}`), 400, "token_in_query", challenges.malformed);
  });
  test("beside a good one", async () => {
    await expectAnswer(request(`Bearer ${good}`, "/?access_token=x"), 400, "token_in_query", challenges.malformed);
  });
  test("a like name is none", async () => {
    expect((await by.fetch(request(`Bearer ${good}`, "/?my_access_token=x&token=y#access_token=z"))).status).toBe(200);
  });
});

describe("the challenge", () => {
  const named = around({
    ...options,
    realm: 'the "notes" \\ API',
    resourceMetadata: "https://api.example.com/.well-known/oauth-protected-resource",
  });
  const realm = 'Bearer realm="the \\"notes\\" \\\\ API"';
  const metadata = ', resource_metadata="https://api.example.com/.well-known/oauth-protected-resource"';

  test("names the realm and the metadata of the resource, in each answer", async () => {
    await expectAnswer(request(), 401, "credentials_required", realm + metadata, named.fetch);
    await expectAnswer(
      request("Bearer a, b"),
      400,
      "invalid_request",
      `${realm}, error="invalid_request"${metadata}`,
      named.fetch,
    );
    await expectAnswer(
      request("Bearer x"),
      401,
      "invalid_token",
      `${realm}, error="invalid_token", error_description="The access token is invalid"${metadata}`,
      named.fetch,
    );
    await expectAnswer(
      request(`Bearer ${await token(claims({ exp: 1 }))}`),
      401,
      "token_expired",
      `${realm}, error="invalid_token", error_description="The access token expired"${metadata}`,
      named.fetch,
    );
  });

  test("is exposed to pages of allowed origins", async () => {
    const api = policy({ auth: jwt(options), cors: { origins: ["https://app.example.com"] }, onEvent: silent });
    const sent = request("Bearer x");
    sent.headers.set("origin", "https://app.example.com");
    const response = await api(ok)(sent);
    expect(response.status).toBe(401);
    expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
    expect(response.headers.get("access-control-expose-headers")).toMatch(/WWW-Authenticate/i);
  });
});

describe("beside other authenticators", () => {
  const key = {
    ...tokens,
    name: "other",
    challenge: 'Other realm="api"',
    fields: ["X-Other"],
    present: (sent: Request) => sent.headers.has("x-other"),
  };

  test("only the failing one's challenge carries the error", async () => {
    const api = policy({ auth: anyOf(jwt(options), key), onEvent: silent })(ok);
    await expectAnswer(request("Bearer x"), 401, "invalid_token", `${challenges.invalid}, Other realm="api"`, api);
    await expectAnswer(request(), 401, "credentials_required", `${challenges.bare}, Other realm="api"`, api);
  });

  test("a bad token is never nobody, where nobody may come", async () => {
    const api = policy({ auth: optional(jwt(options)), authFailures: "off", onEvent: silent })(
      (_request, { auth }) => new Response(auth.method),
    );
    expect(await (await api(request())).text()).toBe("anonymous");
    expect(await (await api(request(`Bearer ${good}`))).text()).toBe("jwt");
    await expectAnswer(request("Bearer x"), 401, "invalid_token", challenges.invalid, api);
    await expectAnswer(request("Bearer"), 400, "invalid_request", challenges.malformed, api);
    await expectAnswer(request("Basic x"), 401, "credentials_required", challenges.bare, api);
    await expectAnswer(request(undefined, "/?access_token=x"), 400, "token_in_query", challenges.malformed, api);
  });
});

test("HEAD is answered as GET is, without a body", async () => {
  const response = await by.fetch(
    new Request("https://api.example.com/", { method: "HEAD", headers: { authorization: "Bearer x" } }),
  );
  expect(response.status).toBe(401);
  expect(response.headers.get("www-authenticate")).toBe(challenges.invalid);
  expect(await response.text()).toBe("");
});

test("a flood of bad tokens from one address is 429, and expired ones do not count", async () => {
  const api = policy({ auth: jwt(options), authFailures: { limit: 3, windowSeconds: 60 }, onEvent: silent }).prepare(
    {},
    ok,
  );
  const send = (text: string): Promise<Response> => api.run(request(`Bearer ${text}`), { clientIp: "192.0.2.1" });
  const expired = await token(claims({ exp: 1 }));
  for (let count = 0; count < 5; count++) expect((await send(expired)).status).toBe(401);
  for (let count = 0; count < 3; count++) expect((await send("a.b.c")).status).toBe(401);
  expect((await send("a.b.c")).status).toBe(429);
});

describe("nothing of a token is in an answer or an event", () => {
  const canaries = [
    "canary",
    'canary", error="x',
    "canary\r\nX-Injected: 1",
    "canary ☃ 😀 é",
    "canary\0",
    "canary\u2028",
  ];
  const others = around({ ...options, claims: refusing() });

  function refusing(): NonNullable<Parameters<typeof jwt>[0]["claims"]> {
    const message = "canary";
    return {
      "~standard": { version: 1, vendor: "test", validate: () => ({ issues: [{ message, path: ["canary"] }] }) },
    };
  }

  test.each(canaries)("%j", async (canary) => {
    const heads = [
      { alg: canary },
      { alg: "HS256", kid: canary },
      { alg: "HS256", crit: [canary], [canary]: 1 },
      { alg: "HS256", typ: canary },
      { alg: "HS256", b64: canary },
      { alg: "HS256", jku: canary, x5u: canary, x5c: [canary], jwk: { kty: canary } },
      `{"alg":"${canary}`,
      canary,
    ];
    const payloads = [
      claims({ sub: canary, exp: 1 }),
      ...["iss", "aud", "exp", "nbf", "iat", "cnf", "scope", "sub", "name"].map((name) => claims({ [name]: canary })),
      claims({ [canary]: canary }),
      canary,
    ];
    const wrong = hmac("another secret");
    const texts = [
      canary.replace(/[^ -~]/g, "é"),
      ...(await Promise.all(heads.map((head) => token(claims(), head, wrong)))),
      ...(await Promise.all(payloads.flatMap((payload) => [token(payload), token(payload, header, wrong)]))),
    ];
    for (const answering of [by, others]) {
      for (const text of texts) {
        answering.events.length = 0;
        const response = await answering.fetch(request(`Bearer ${text}`));
        if (response.status === 200) continue; // the claim was not one that matters, and the handler shows it
        expect([400, 401]).toContain(response.status);
        const answer = `${JSON.stringify([...response.headers])}${await response.text()}${JSON.stringify(answering.events)}`;
        expect(answer).not.toMatch(/canary|X-Injected|☃/i);
        for (const segment of text.split(".")) if (segment.length > 8) expect(answer).not.toContain(segment);
      }
    }
  });
});

test("an accepted token makes no event", async () => {
  const { events, onEvent } = recorder();
  const api = policy({ auth: jwt(options), onEvent })(ok);
  expect((await api(request(`Bearer ${good}`))).status).toBe(200);
  expect(events).toEqual([]);
});

test("keys that cannot be had are no fault of the token: 503 with Retry-After and no challenge", async () => {
  const down = around({ jwks: "http://127.0.0.1:1/keys", issuer, audience: "api" });
  const response = await down.fetch(request(`Bearer ${await token(claims(), { alg: "ES256", kid: "k" })}`));
  expect(response.headers.has("www-authenticate")).toBe(false);
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  const body = await expectProblem(response, 503, "auth_unavailable");
  expect(JSON.stringify([...response.headers, body])).not.toMatch(/127\.0\.0\.1|ECONNREFUSED|fetch/);
  expect(down.events.map(({ type }) => type)).toEqual(["auth_unavailable"]);
});
