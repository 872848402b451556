import fc from "fast-check";
import { expect, test } from "vitest";
import { policy } from "../../src/index.ts";
import { jwt } from "../../src/jwt.ts";
import { pairFor } from "../auth/jwt/pairs.ts";
import { audience, base64url, claims, header, hmac, issuer, now, options, secret, token } from "../auth/jwt/support.ts";
import { fieldOf, options as fuzz, stopwatch, timeoutMs } from "./support.ts";

const decide = stopwatch("jwt");
const ec = await pairFor("ES256", "k");
const authenticators = {
  secret: jwt({ ...options, cache: { maxEntries: 50, ttlSeconds: 60 } }),
  keys: jwt({ jwks: { keys: [ec.jwk] }, issuer, audience }),
};
/** A million runs take longer than these claims are good for otherwise. */
const lasting = claims({ exp: now() + 86_400 });
const good = {
  secret: await token(lasting),
  keys: await token(lasting, { alg: "ES256", kid: "k" }, ec.sign),
};
type Kind = keyof typeof good;

/** The answer to a request with these fields. No event but a refusal may come of it. */
async function answerTo(kind: Kind, headers: Headers): Promise<Response> {
  const faults: unknown[] = [];
  const onEvent = (event: { readonly type: string }): void => void (event.type === "refused" || faults.push(event));
  const api = policy({ auth: authenticators[kind], authFailures: "off", onEvent })(() => new Response("reached"));
  const response = await decide(() => api(new Request("https://api.example.com/", { headers })));
  expect(faults).toEqual([]);
  expect([200, 400, 401]).toContain(response.status);
  expect(response.headers.get("www-authenticate") ?? "").not.toMatch(/[^ -~]/);
  return response;
}

/** What follows the scheme and the spaces behind it (RFC 9110 §11.4). */
const credentialIn = (headers: Headers): string | undefined =>
  /^bearer +(.*)$/i.exec(headers.get("authorization") ?? "")?.[1];
const bearer = (text: string): Headers | undefined => fieldOf("authorization", `Bearer ${text}`);
const kinds = fc.constantFrom<Kind>("secret", "keys");

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const character = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...alphabet) },
  { weight: 2, arbitrary: fc.constantFrom(..."=.+/~ \t,;:\"'\\%\0") },
  { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 3 }) },
);
/** One change of a text: a character put in, taken out, replaced or doubled, a part cut off, or two exchanged. */
const change = fc.record({
  at: fc.nat(),
  to: fc.nat(),
  what: fc.constantFrom("insert", "replace", "delete", "cut", "behead", "double", "swap", "bit"),
  text: character,
});

function mutate(
  text: string,
  { at, to, what, text: put }: typeof change extends fc.Arbitrary<infer T> ? T : never,
): string {
  const position = at % (text.length + 1);
  const [before, after] = [text.slice(0, position), text.slice(position)];
  if (what === "insert") return before + put + after;
  if (what === "replace") return before + put + after.slice(1);
  if (what === "delete") return before + after.slice(1);
  if (what === "cut") return before;
  if (what === "behead") return after;
  if (what === "double") return text + after;
  if (what === "bit") {
    // The next character of the alphabet whose index differs in one bit: what bits that stand for nothing would be.
    const index = alphabet.indexOf(after[0] ?? "");
    return index === -1 ? text : before + alphabet[index ^ (1 << (to % 6))] + after.slice(1);
  }
  const segments = text.split(".");
  const [a, b] = [at % segments.length, to % segments.length];
  [segments[a], segments[b]] = [segments[b] ?? "", segments[a] ?? ""];
  return segments.join(".");
}

test(
  "a changed token is never accepted, unless nothing is changed",
  async () => {
    const seen = { same: 0, refused: 0, unsendable: 0 };
    await fc.assert(
      fc.asyncProperty(kinds, fc.array(change, { minLength: 1, maxLength: 3 }), async (kind, changes) => {
        const text = changes.reduce(mutate, good[kind]);
        const headers = bearer(text);
        if (headers === undefined) {
          seen.unsendable++;
          return;
        }
        const isSame = credentialIn(headers) === good[kind];
        const response = await answerTo(kind, headers);
        expect([text, response.status === 200]).toEqual([text, isSame]);
        seen[isSame ? "same" : "refused"]++;
      }),
      fuzz,
    );
    console.info("jwt mutations:", seen);
    expect(seen.refused).toBeGreaterThan(seen.unsendable);
  },
  timeoutMs,
);

test(
  "every last bit of a token counts",
  async () => {
    for (const kind of ["secret", "keys"] as const) {
      const text = good[kind];
      for (let position = 0; position < text.length; position++) {
        const index = alphabet.indexOf(text[position] ?? "");
        if (index === -1) continue;
        for (const bit of [1, 2, 32]) {
          const changed = text.slice(0, position) + alphabet[index ^ bit] + text.slice(position + 1);
          const headers = bearer(changed);
          expect(headers).toBeDefined();
          if (headers !== undefined) expect((await answerTo(kind, headers)).status).toBe(401);
        }
      }
    }
  },
  timeoutMs,
);

test(
  "whatever the issuer signs is accepted or refused, and never a fault",
  async () => {
    const seen = { accepted: 0, refused: 0 };
    const name = fc.oneof(
      fc.constantFrom("iss", "sub", "aud", "exp", "nbf", "iat", "scope", "cnf", "jti", "__proto__", "constructor"),
      fc.string({ maxLength: 8 }),
    );
    const value = fc.oneof(
      fc.constantFrom<unknown>(issuer, audience, [audience], 1e300, -1, 0, 9e9, 1e12, "", null, true, {}, []),
      fc.jsonValue({ maxDepth: 3 }),
    );
    const members = fc.array(fc.tuple(name, value), { maxLength: 3 });
    const heads = fc.array(
      fc.tuple(
        fc.oneof(
          fc.constantFrom("alg", "typ", "kid", "crit", "b64", "cty", "zip", "jwk", "jku", "x5c"),
          fc.string({ maxLength: 4 }),
        ),
        fc.oneof(
          fc.constantFrom<unknown>("HS256", "none", "JWT", "at+jwt", ["b64"], ""),
          fc.jsonValue({ maxDepth: 2 }),
        ),
      ),
      { maxLength: 2 },
    );
    await fc.assert(
      fc.asyncProperty(members, heads, async (changes, headChanges) => {
        const payload = { ...claims(), ...Object.fromEntries(changes) };
        const head = { ...header, ...Object.fromEntries(headChanges) };
        const headers = bearer(await token(payload, head));
        if (headers === undefined) return;
        const response = await answerTo("secret", headers);
        seen[response.status === 200 ? "accepted" : "refused"]++;
      }),
      fuzz,
    );
    console.info("jwt claims:", seen);
    expect(seen.accepted).toBeGreaterThan(0);
    expect(seen.refused).toBeGreaterThan(0);
  },
  timeoutMs,
);

test(
  "signed bytes that are no JSON, and fields that are no token, are refused, and never a fault",
  async () => {
    const bytes = fc.uint8Array({ maxLength: 40 });
    const field = fc.oneof(
      fc.string({ unit: "binary", maxLength: 40 }),
      fc
        .tuple(fc.constantFrom("Bearer", "bearer ", "Basic", ""), fc.string({ maxLength: 40 }))
        .map((parts) => parts.join(" ")),
      fc
        .array(fc.constantFrom("Bearer", " ", ",", "a.b.c", "=", "\t", good.secret, ".", "é"), { maxLength: 6 })
        .map((parts) => parts.join("")),
    );
    await fc.assert(
      fc.asyncProperty(bytes, bytes, field, async (head, payload, text) => {
        const input = `${base64url(head)}.${base64url(payload)}`;
        const signed = bearer(`${input}.${base64url(await hmac(secret)(input))}`);
        if (signed !== undefined) expect((await answerTo("secret", signed)).status).not.toBe(200);
        const headers = fieldOf("authorization", text);
        if (headers === undefined) return;
        expect((await answerTo("secret", headers)).status === 200).toBe(credentialIn(headers) === good.secret);
      }),
      fuzz,
    );
  },
  timeoutMs,
);
