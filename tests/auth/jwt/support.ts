import { expect } from "vitest";
import { type Authenticator, type OnEvent, type PolicyEvent, policy } from "../../../src/index.ts";
import { type JwtIdentity, type JwtSecretOptions, jwt } from "../../../src/jwt.ts";
import { expectProblem } from "../../lib/harness.ts";

export const issuer = "https://id.example.com/";
export const audience = "api";
export const secret = "mF3kx9QpT7vR2wLs8YbN4hJc6ZgD1aUe";

/** Seconds since 1970. */
export const now = (): number => Math.floor(Date.now() / 1000);

const encoder = new TextEncoder();
export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text);

export function base64url(data: string | Uint8Array): string {
  return Buffer.from(data).toString("base64url");
}

/** Signs what stands before the second dot. */
export type Sign = (input: string) => Promise<Uint8Array>;

/** HMAC under any key, also one that no library would take. */
export function hmac(key: string | Uint8Array, hash = "SHA-256"): Sign {
  return async (input) => {
    const bytes = Uint8Array.from(Buffer.from(key));
    // An empty key cannot be imported; padded with a zero byte it is the same to HMAC (RFC 2104 §2).
    const padded = bytes.length === 0 ? new Uint8Array(1) : bytes;
    const imported = await crypto.subtle.importKey("raw", padded, { name: "HMAC", hash }, false, ["sign"]);
    return new Uint8Array(await crypto.subtle.sign("HMAC", imported, bytesOf(input)));
  };
}

export const header = { alg: "HS256", typ: "at+jwt" };

/** The claims of a good token. */
export function claims(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const good = {
    iss: issuer,
    aud: audience,
    sub: "ann",
    iat: now(),
    exp: now() + 600,
    scope: "notes:read notes:write",
  };
  return Object.fromEntries(Object.entries({ ...good, ...changes }).filter(([, value]) => value !== undefined));
}

const serialized = (part: object | string): string | Uint8Array =>
  typeof part === "string" || part instanceof Uint8Array ? part : JSON.stringify(part);

/** A token of any header and payload: objects, texts that need not be JSON, or bytes that need not be text. */
export async function token(
  payload: object | string = claims(),
  head: object | string = header,
  sign: Sign = hmac(secret),
): Promise<string> {
  const input = `${base64url(serialized(head))}.${base64url(serialized(payload))}`;
  return `${input}.${base64url(await sign(input))}`;
}

/** The options of most tests. */
export const options: JwtSecretOptions<undefined, string> = { secret, algorithms: ["HS256"], issuer, audience };

export function request(authorization?: string, path = "/notes"): Request {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  return new Request(`https://api.example.com${path}`, { headers });
}

export interface Answering {
  readonly fetch: (request: Request) => Promise<Response>;
  readonly events: PolicyEvent[];
}

/** A policy around an authenticator, whose handler tells the identity. Bad tokens are not counted, so that all may come at once. */
export function around(auth: Parameters<typeof jwt>[0] | Authenticator<JwtIdentity<unknown>>): Answering {
  const events: PolicyEvent[] = [];
  const onEvent: OnEvent = (event) => void events.push(event);
  const authenticator = "authenticate" in auth ? auth : jwt(auth);
  const api = policy({ auth: authenticator, authFailures: "off", onEvent });
  const fetch = api((_request, { auth: identity }) => Response.json({ ...identity, scopes: [...identity.scopes] }));
  return { fetch, events };
}

const plain = around(options);

/** Asserts that a token is accepted, and gives the identity as JSON. */
export async function expectAccepted(text: string, by: Answering = plain): Promise<Record<string, unknown>> {
  const response = await by.fetch(request(`Bearer ${text}`));
  const body: Record<string, unknown> = await response.json();
  expect({ status: response.status, code: body.code }).toEqual({ status: 200, code: undefined });
  return body;
}

export const challenges = {
  invalid: 'Bearer realm="api", error="invalid_token", error_description="The access token is invalid"',
  expired: 'Bearer realm="api", error="invalid_token", error_description="The access token expired"',
  early: 'Bearer realm="api", error="invalid_token", error_description="The access token is not valid yet"',
  malformed: 'Bearer realm="api", error="invalid_request"',
  bare: 'Bearer realm="api"',
};

const codes = { invalid: "invalid_token", expired: "token_expired", early: "token_not_yet_valid" };
const details = {
  invalid: "The access token is invalid.",
  expired: "The access token expired.",
  early: "The access token is not valid yet.",
};

/** Asserts that a token is refused: status, code, detail, challenge and the reason in the event, and no more events. */
export async function expectRefused(
  text: string,
  reason: string,
  by: Answering = plain,
  kind: keyof typeof codes = "invalid",
): Promise<void> {
  by.events.length = 0;
  const response = await by.fetch(request(`Bearer ${text}`));
  const body = await expectProblem(response, 401, codes[kind]);
  expect(by.events).toEqual([expect.objectContaining({ type: "refused", reason })]);
  expect(body.detail).toBe(details[kind]);
  expect(response.headers.get("www-authenticate")).toBe(challenges[kind]);
  expect(response.headers.get("vary")).toContain("Authorization");
}
