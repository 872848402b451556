import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Pair, pairFor } from "./pairs.ts";
import { type CountingServer, serve } from "./servers.ts";
import {
  around,
  audience,
  base64url,
  claims,
  expectAccepted,
  expectRefused,
  header,
  hmac,
  issuer,
  options,
  secret,
  token,
} from "./support.ts";

const withHeader = (head: object | string): Promise<string> => token(claims(), head);

describe("a header that is no JSON object in UTF-8, with each name once, is malformed", () => {
  const text = JSON.stringify(header);
  test.each([
    ["no JSON", "not JSON"],
    ["text", '"HS256"'],
    ["null", "null"],
    ["a list", `[${text}]`],
    ["a byte order mark", `\ufeff${text}`],
    ["alg twice", text.replace("{", '{"alg":"none",')],
    ["alg twice, once with an escape", text.replace("{", '{"\\u0061lg":"none",')],
    ["kid twice", text.replace("{", '{"kid":"a","kid":"a",')],
    ["one name twice in a member", text.replace("{", '{"jwk":{"k":1,"k":2},')],
    ["__proto__", text.replace("{", '{"__proto__":{"alg":"HS256"},')],
    ["an infinite number", text.replace("{", '{"iat":1e400,')],
  ])("%s", async (_name, head) => {
    await expectRefused(await withHeader(head), "malformed_header");
  });

  test("bytes that are no UTF-8", async () => {
    const bytes = Uint8Array.from(Buffer.from(JSON.stringify({ ...header, kid: "é" }), "latin1"));
    await expectRefused(await withHeader(bytes), "malformed_header");
  });

  test("white space in it is none of its business", async () => {
    await expectAccepted(await withHeader(`{ "typ" : "JWT" ,\n\t"alg" : "HS256" }`));
  });
});

describe("an algorithm that is not allowed", () => {
  test.each([
    ...[
      "none",
      "None",
      "NONE",
      "nOnE",
      "hs256",
      "HS256 ",
      " HS256",
      "HS384",
      "HS512",
      "HS1",
      "RS256",
      "ES256",
      "EdDSA",
    ],
    ...["", "constructor", "__proto__", "toString", "dir", "A128KW", "PBES2-HS256+A128KW"],
  ])("%j", async (alg) => {
    await expectRefused(await withHeader({ ...header, alg }), "algorithm_not_allowed");
  });

  test.each([[null], [1], [true], [["HS256"]], [{ HS256: 1 }], [undefined]])("%j", async (alg) => {
    await expectRefused(await withHeader({ ...header, alg }), "algorithm_not_allowed");
  });

  test("none without a signature is not even a token", async () => {
    const input = `${base64url('{"alg":"none"}')}.${base64url(JSON.stringify(claims()))}`;
    await expectRefused(`${input}.`, "malformed_token");
    await expectRefused(`${input}.AA`, "algorithm_not_allowed");
  });
});

describe("extensions that must be understood are not", () => {
  test.each([
    ["unknown", { crit: ["exp2"], exp2: 1 }],
    ["known to others", { crit: ["b64"], b64: true }],
    ["empty", { crit: [] }],
    ["text", { crit: "exp" }],
    ["null", { crit: null }],
    ["b64 without crit", { b64: false }],
    ["b64 as it is by default", { b64: true }],
    ["an algorithm", { crit: ["alg"] }],
  ])("crit: %s", async (_name, members) => {
    await expectRefused(await withHeader({ ...header, ...members }), "critical_extension");
  });
});

describe("typ", () => {
  const onlyAccess = around({ ...options, typ: ["at+jwt"] });
  const own = around({ ...options, typ: ["application/Logout+JWT", "JWT"] });

  test.each(["JWT", "jwt", "Jwt", "at+jwt", "AT+JWT", "application/at+jwt", "Application/JWT"])(
    "%s is accepted by default",
    async (typ) => {
      await expectAccepted(await withHeader({ ...header, typ }));
    },
  );

  test("may be absent by default, and not where types are named", async () => {
    await expectAccepted(await withHeader({ alg: "HS256" }));
    await expectRefused(await withHeader({ alg: "HS256" }), "wrong_type", onlyAccess);
  });

  test.each([
    ...[
      "",
      " ",
      "JWT ",
      "dpop+jwt",
      "id_token+jwt",
      "secevent+jwt",
      "JOSE",
      "application/",
      "application/application/jwt",
    ],
    ...["text/jwt", "application/jwt; charset=utf-8", "undefined", "null"],
  ])("%j is refused by default", async (typ) => {
    await expectRefused(await withHeader({ ...header, typ }), "wrong_type");
  });

  test.each([[null], [1], [["JWT"]], [{}]])("%j is refused", async (typ) => {
    await expectRefused(await withHeader({ ...header, typ }), "wrong_type");
  });

  test("is one of those that are named", async () => {
    await expectAccepted(await withHeader({ ...header, typ: "application/at+jwt" }), onlyAccess);
    await expectRefused(await withHeader({ ...header, typ: "JWT" }), "wrong_type", onlyAccess);
    await expectAccepted(await withHeader({ ...header, typ: "logout+jwt" }), own);
    await expectAccepted(await withHeader({ ...header, typ: "jwt" }), own);
    await expectRefused(await withHeader({ ...header, typ: "at+jwt" }), "wrong_type", own);
  });
});

describe("kid", () => {
  test.each([[null], [1], [true], [["a"]], [{ a: 1 }]])("%j is malformed", async (kid) => {
    await expectRefused(await withHeader({ ...header, kid }), "malformed_kid");
  });

  test("of more than 256 characters is malformed", async () => {
    await expectAccepted(await withHeader({ ...header, kid: "x".repeat(256) }));
    await expectRefused(await withHeader({ ...header, kid: "x".repeat(257) }), "malformed_kid");
    await expectRefused(await withHeader({ ...header, kid: "x".repeat(2048) }), "malformed_kid");
  });

  test.each(["", "../../dev/null", "' OR 1=1 --", "__proto__", "constructor", "a\0b", "a\r\nb"])(
    "%j says nothing where the key is a secret",
    async (kid) => {
      await expectAccepted(await withHeader({ ...header, kid }));
      await expectRefused(await token(claims(), { ...header, kid }, hmac("another secret")), "bad_signature");
    },
  );
});

describe("members of the header that are not ours", () => {
  test.each([
    ["cty, which says that there is a token inside", { cty: "JWT" }],
    ["zip, which signatures do not have", { zip: "DEF" }],
    ["enc", { enc: "A256GCM" }],
    ["claims", { sub: "eve", iss: "https://evil.example/", exp: 1 }],
  ])("%s is passed over", async (_name, members) => {
    const body = await expectAccepted(await withHeader({ ...header, ...members }));
    expect(body.subject).toBe("ann");
  });
});

describe("keys that come with the token", () => {
  let ours: Pair;
  let theirs: Pair;
  let provider: CountingServer;
  let evil: CountingServer;

  beforeAll(async () => {
    ours = await pairFor("ES256", "ours");
    theirs = await pairFor("ES256", "ours");
    provider = await serve(() => ({ keys: [ours.jwk] }));
    evil = await serve(() => ({ keys: [theirs.jwk] }));
  });
  afterAll(async () => {
    await provider.close();
    await evil.close();
  });

  test("are neither used nor fetched, wherever they are", async () => {
    const api = around({ jwks: provider.url, issuer, audience });
    const carriers = [
      { jwk: theirs.jwk },
      { jku: evil.url },
      { x5u: evil.url },
      { x5c: [Buffer.from(await crypto.subtle.exportKey("spki", theirs.publicKey)).toString("base64")] },
    ];
    for (const members of carriers) {
      const head = { alg: "ES256", kid: "ours", ...members };
      await expectRefused(await token(claims(), head, theirs.sign), "bad_signature", api);
      await expectAccepted(await token(claims(), head, ours.sign), api);
    }
    expect(evil.count()).toBe(0);
  });

  test("are not even looked for where the form of the token, its issuer or its time refuse it", async () => {
    const api = around({ jwks: provider.url, algorithms: ["ES256"], issuer, audience });
    const asked = provider.count();
    const head = { alg: "ES256", kid: "new" };
    const refused = (payload: object, changes: object): Promise<string> =>
      token(payload, { ...head, ...changes }, ours.sign);
    await expectRefused("a.b.c", "malformed_token", api);
    await expectRefused(await refused(claims(), { alg: "none" }), "algorithm_not_allowed", api);
    await expectRefused(await refused(claims(), { alg: "HS256" }), "algorithm_not_allowed", api);
    await expectRefused(await refused(claims(), { alg: "RS256" }), "algorithm_not_allowed", api);
    await expectRefused(await refused(claims(), { crit: ["x"] }), "critical_extension", api);
    await expectRefused(await refused(claims(), { typ: "x" }), "wrong_type", api);
    await expectRefused(await refused(claims(), { kid: 1 }), "malformed_kid", api);
    await expectRefused(await refused(claims({ iss: "https://evil.example/" }), {}), "wrong_issuer", api);
    await expectRefused(await refused(claims({ exp: undefined }), {}), "missing_expiry", api);
    await expectRefused(await refused(claims({ exp: 1 }), {}), "expired", api, "expired");
    expect(provider.count()).toBe(asked);
    await expectRefused(await refused(claims(), {}), "unknown_kid", api);
    expect(provider.count()).toBe(asked + 1);
  });
});

test("the secret is what verifies, not its name in the token", async () => {
  await expectRefused(await token(claims(), { ...header, kid: secret }, hmac("guess")), "bad_signature");
});

test("each header is judged by itself, whatever came before", async () => {
  const by = around(options);
  await expectAccepted(await token(claims()), by);
  await expectRefused(await token(claims(), { ...header, alg: "none" }), "algorithm_not_allowed", by);
  await expectAccepted(await token(claims()), by);
  await expectRefused(await token(claims(), { ...header, crit: ["exp"] }), "critical_extension", by);
  await expectRefused(await token(claims(), { ...header, typ: "dpop+jwt" }), "wrong_type", by);
});
