import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { policy } from "../../../src/index.ts";
import { type JwtIdentity, type JwtSecretOptions, jwt } from "../../../src/jwt.ts";
import { pairFor } from "./pairs.ts";
import { serve } from "./servers.ts";
import {
  around,
  audience,
  claims,
  expectAccepted,
  expectRefused,
  header,
  hmac,
  issuer,
  now,
  options,
  request,
  secret,
  token,
} from "./support.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: 1_800_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (seconds: number): void => void vi.setSystemTime(Date.now() + seconds * 1000);

/** An authenticator that counts how often it verified: what is kept asks for no secret. */
function counting(changes: Partial<JwtSecretOptions<undefined, string>> = {}) {
  let count = 0;
  const get = (): string => {
    count++;
    return secret;
  };
  const auth = jwt({ ...options, secret: get, cache: { maxEntries: 3, ttlSeconds: 10 }, ...changes });
  return { auth, by: around(auth), count: () => count };
}

/** Verifies once for the secret's sake: a token is not kept that was verified while the keys changed. */
async function warm(changes: Partial<JwtSecretOptions<undefined, string>> = {}) {
  const made = counting(changes);
  await made.auth.warmup();
  const before = made.count();
  return { ...made, count: () => made.count() - before };
}

test("without the option nothing is kept", async () => {
  let count = 0;
  const by = around({
    ...options,
    secret: () => {
      count++;
      return secret;
    },
  });
  const text = await token();
  for (let times = 0; times < 3; times++) await expectAccepted(text, by);
  expect(count).toBe(3);
});

test("a token that comes again is not verified again", async () => {
  const { by, count } = await warm();
  const text = await token();
  for (let times = 0; times < 5; times++) await expectAccepted(text, by);
  expect(count()).toBe(1);
});

test("what is kept is frozen: each request gets the same claims, and a set of scopes of its own", async () => {
  const { auth } = await warm();
  const seen: JwtIdentity[] = [];
  const fetch = policy({ auth })((_request, context) => {
    seen.push(context.auth);
    return new Response();
  });
  const text = await token(claims({ org: { id: 1 } }));
  for (let times = 0; times < 3; times++) await fetch(request(`Bearer ${text}`));
  const [first] = seen;
  for (const identity of seen) {
    expect(identity).toStrictEqual(first);
    expect(identity.claims).toBe(first?.claims);
    expect(Object.isFrozen(identity)).toBe(true);
    expect(Object.getPrototypeOf(identity)).toBe(null);
  }
  expect(new Set(seen.map(({ scopes }) => scopes)).size).toBe(3);
});

test("only the very same token is found: one more, one fewer and another character are verified", async () => {
  const { by } = await warm();
  const text = await token();
  await expectAccepted(text, by);
  for (const other of [`${text}A`, text.slice(0, -1), `${text.slice(0, -4)}AAAA`, `${text}=`]) {
    const response = await by.fetch(request(`Bearer ${other}`));
    expect(response.status).toBe(401);
  }
});

test("a kept token is found behind the scheme and one space alone, and what else there is, is read", async () => {
  const { by } = await warm();
  const text = await token();
  await expectAccepted(text, by);
  const statusOf = async (field: string): Promise<number> => (await by.fetch(request(field))).status;
  for (const field of [`Bearer,${text}`, `Bearer\t${text}`]) expect(await statusOf(field)).toBe(400);
  for (const field of [`Basic  ${text}`, `DPoP   ${text}`]) expect(await statusOf(field)).toBe(401);
  for (const field of [`bearer ${text}`, `Bearer   ${text}`]) expect(await statusOf(field)).toBe(200);
});

test("bad tokens are not kept", async () => {
  const { by, count } = await warm();
  const forged = `${(await token()).slice(0, -4)}AAAA`;
  for (let times = 0; times < 3; times++) await expectRefused(forged, "bad_signature", by);
  expect(count()).toBe(3);
});

describe("a token is kept", () => {
  test("for as long as it is told", async () => {
    const { by, count } = await warm();
    const text = await token();
    await expectAccepted(text, by);
    pass(9.999);
    await expectAccepted(text, by);
    expect(count()).toBe(1);
    pass(0.001);
    await expectAccepted(text, by);
    expect(count()).toBe(2);
    pass(9.999); // from the second verification on
    await expectAccepted(text, by);
    expect(count()).toBe(2);
  });

  test("not beyond its expiry", async () => {
    const { by, count } = await warm();
    const text = await token(claims({ exp: now() + 5 - 30 }));
    await expectAccepted(text, by);
    pass(4.999);
    await expectAccepted(text, by);
    pass(0.001);
    await expectRefused(text, "expired", by, "expired");
    expect(count()).toBe(1);
  });

  test("not by a clock that was set back", async () => {
    const { by, count } = await warm();
    const text = await token();
    await expectAccepted(text, by);
    pass(-5);
    await expectAccepted(text, by);
    expect(count()).toBe(2);
    pass(-100);
    await expectRefused(text, "issued_in_future", by, "early");
  });
});

test("those not used lately go first", async () => {
  const { by, count } = await warm();
  const [a, b, c, d] = await Promise.all(["a", "b", "c", "d"].map((sub) => token(claims({ sub }))));
  const send = async (text: string | undefined): Promise<number> => {
    const before = count();
    await expectAccepted(text ?? "", by);
    return count() - before;
  };
  for (const text of [a, b, c]) expect(await send(text)).toBe(1);
  expect(await send(a)).toBe(0);
  expect(await send(d)).toBe(1); // in place of b
  for (const text of [a, c, d]) expect(await send(text)).toBe(0);
  expect(await send(b)).toBe(1); // in place of a
  expect(await send(a)).toBe(1);
});

describe("when the keys change", () => {
  test("what was verified under the old secret is verified again", async () => {
    let current = secret;
    const auth = jwt({ ...options, secret: () => current, cache: { maxEntries: 3, ttlSeconds: 10 } });
    const by = around(auth);
    await auth.warmup();
    const [text, fresh] = [await token(), await token(claims({ sub: "bob" }))];
    await expectAccepted(text, by);
    current = "another secret that has 32 bytes";
    await expectAccepted(text, by); // nothing that asked for the secret has come since
    await expectRefused(fresh, "bad_signature", by);
    await expectRefused(text, "bad_signature", by);
  });

  test("a token that was verified meanwhile is not kept, and costs none of the others", async () => {
    let current = secret;
    let count = 0;
    const renewed = "another secret that has 32 bytes";
    const get = (): string => {
      count++;
      return current;
    };
    const by = around({ ...options, secret: get, cache: { maxEntries: 3, ttlSeconds: 10 } });
    await expectAccepted(await token(), by);
    current = renewed;
    const [first, second] = [
      await token(claims(), header, hmac(renewed)),
      await token(claims({ jti: 1 }), header, hmac(renewed)),
    ];
    count = 0;
    for (const text of [first, second, first, second, first]) await expectAccepted(text, by);
    expect(count).toBe(3);
  });

  test("what was verified by a key that is gone is refused", async () => {
    const [old, renewed] = [await pairFor("ES256", "old"), await pairFor("ES256", "renewed")];
    let current = old;
    const provider = await serve(() => ({ keys: [current.jwk] }));
    try {
      const auth = jwt({ jwks: provider.url, issuer, audience, cache: { maxEntries: 9, ttlSeconds: 60 } });
      const by = around(auth);
      await auth.warmup();
      const text = await token(claims(), { alg: "ES256", kid: "old" }, old.sign);
      await expectAccepted(text, by);
      current = renewed;
      await expectAccepted(text, by);
      pass(31);
      await expectAccepted(await token(claims(), { alg: "ES256", kid: "renewed" }, renewed.sign), by);
      await expectRefused(text, "unknown_kid", by);
    } finally {
      await provider.close();
    }
  });

  test("purge() forgets them at once", async () => {
    const { auth, by, count } = await warm();
    const text = await token();
    await expectAccepted(text, by);
    auth.purge();
    await expectAccepted(text, by);
    expect(count()).toBe(2);
  });
});

test("what the schema gave is kept, and the schema is not asked again", async () => {
  let calls = 0;
  const schema = z.object({ sub: z.string() }).transform(({ sub }) => ({ name: sub, call: ++calls }));
  const auth = jwt({ ...options, claims: schema, cache: { maxEntries: 3, ttlSeconds: 10 } });
  const by = around(auth);
  const text = await token();
  for (let times = 0; times < 3; times++)
    expect((await expectAccepted(text, by)).claims).toEqual({ name: "ann", call: 1 });
});

test("a schema that refuses is asked each time", async () => {
  let isOpen = false;
  const schema = z.unknown().refine(() => isOpen);
  const by = around(jwt({ ...options, claims: schema, cache: { maxEntries: 3, ttlSeconds: 10 } }));
  const text = await token();
  await expectRefused(text, "claims_refused", by);
  isOpen = true;
  await expectAccepted(text, by);
});

test("what handlers ask is asked each time", async () => {
  const { auth, count } = await warm();
  const api = policy({ auth, authFailures: "off" });
  let isRevoked = false;
  const checked = api({ check: () => !isRevoked }, () => new Response());
  const scoped = api({ scopes: ["admin"] }, () => new Response());
  const sent = (text: string): Request => request(`Bearer ${text}`);
  const text = await token();
  expect((await checked(sent(text))).status).toBe(200);
  isRevoked = true;
  expect((await checked(sent(text))).status).toBe(403);
  expect((await scoped(sent(text))).status).toBe(403);
  expect(count()).toBe(1);
});

test("two authenticators share nothing", async () => {
  const text = await token();
  const first = await warm();
  await expectAccepted(text, first.by);
  const second = await warm({ audience: "web" });
  await expectRefused(text, "wrong_audience", second.by);
});

describe("what one request does to a kept identity no other sees", () => {
  test("not even by what no set can be frozen against", async () => {
    const { auth } = await warm();
    const api = policy({ auth, onEvent: () => undefined });
    const text = await token();
    const force = api((_request, { auth: { scopes } }) => {
      Set.prototype.add.call(scopes, "admin");
      Set.prototype.delete.call(scopes, "notes:read");
      return new Response();
    });
    const scopesNow = api((_request, { auth: { scopes } }) => Response.json([...scopes]));
    const administer = api({ scopes: ["admin"] }, () => new Response());
    for (let times = 0; times < 3; times++) {
      expect((await force(request(`Bearer ${text}`))).status).toBe(200);
      expect(await (await scopesNow(request(`Bearer ${text}`))).json()).toEqual(["notes:read", "notes:write"]);
      expect((await administer(request(`Bearer ${text}`))).status).toBe(403);
    }
  });

  test("not even inside of what the schema froze at its surface", async () => {
    const schema = z.object({ user: z.object({ roles: z.array(z.string()) }).readonly() });
    const cache = { maxEntries: 3, ttlSeconds: 10 };
    const auth = jwt({ secret, algorithms: ["HS256"], issuer, audience, claims: schema, cache });
    const api = policy({ auth, onEvent: () => undefined });
    const text = await token(claims({ user: { roles: ["reader"] } }));
    const edit = api((_request, { auth: { claims: given } }) => {
      expect(() => given.user.roles.unshift("admin")).toThrow(TypeError);
      return Response.json({});
    });
    expect((await edit(request(`Bearer ${text}`))).status).toBe(200);
    const read = api((_request, { auth: { claims: given } }) => Response.json(given.user.roles));
    expect(await (await read(request(`Bearer ${text}`))).json()).toEqual(["reader"]);
  });
});

test("a token whose verification was under way when all were forgotten is verified again", async () => {
  let isOpen: Promise<void> = Promise.resolve();
  let asked = 0;
  const auth = jwt({
    ...options,
    secret: async () => {
      asked++;
      await isOpen;
      return secret;
    },
    cache: { maxEntries: 3, ttlSeconds: 10 },
  });
  const by = around(auth);
  await auth.warmup(); // else the first token is not kept, for the secret was none before it
  let open = (): void => undefined;
  isOpen = new Promise((resolve) => {
    open = resolve;
  });
  const text = await token();
  const first = expectAccepted(text, by);
  await expect.poll(() => asked).toBe(2);
  auth.purge();
  open();
  await first;
  await expectAccepted(text, by);
  expect(asked).toBe(3);
  await expectAccepted(text, by);
  expect(asked).toBe(3);
});
