import { keys } from "./credentials.ts";
import { inSeconds, tampered, token } from "./tokens.ts";

/** One row of the table of answers. */
export interface Row {
  readonly name: string;
  readonly path: string;
  /** A list is sent as that many lines of the field. */
  readonly fields: () => Promise<Readonly<Record<string, string | readonly string[]>>>;
  readonly status: number;
  /** `null`: none. */
  readonly challenge: string | null;
  readonly code: string;
}

const metadata = 'resource_metadata="https://api.example.com/.well-known/oauth-protected-resource"';
const key = 'ApiKey realm="api", header="x-api-key"';
const invalid = `Bearer realm="api", error="invalid_token", error_description="The access token is invalid", ${metadata}`;
const invalidRequest = `Bearer realm="api", error="invalid_request", ${metadata}`;

function bearer(credential: string | Promise<string>): Row["fields"] {
  return async () => ({ Authorization: `Bearer ${await credential}` });
}
const sent =
  (fields: Readonly<Record<string, string | readonly string[]>>): Row["fields"] =>
  async () =>
    fields;
const nothing = sent({});

/** Every answer that authentication gives, but for those that need a key set (see key-sets). */
export const rows: readonly Row[] = [
  {
    name: "no credential",
    path: "/token",
    fields: nothing,
    status: 401,
    challenge: `Bearer realm="api", ${metadata}`,
    code: "credentials_required",
  },
  {
    name: "no credential where scopes are needed",
    path: "/token/write",
    fields: nothing,
    status: 401,
    challenge: `Bearer realm="api", scope="notes:write", ${metadata}`,
    code: "credentials_required",
  },
  {
    name: "no credential where either will do",
    path: "/either",
    fields: nothing,
    status: 401,
    challenge: `Bearer realm="api", scope="notes:read", ${metadata}, ${key}`,
    code: "credentials_required",
  },
  {
    name: "a scheme that is not accepted",
    path: "/token",
    fields: sent({ Authorization: "Basic YTpi" }),
    status: 401,
    challenge: `Bearer realm="api", ${metadata}`,
    code: "credentials_required",
  },
  {
    name: "a scheme without a credential",
    path: "/token",
    fields: sent({ Authorization: "Bearer" }),
    status: 400,
    challenge: invalidRequest,
    code: "invalid_request",
  },
  {
    name: "something behind the credential",
    path: "/token",
    fields: bearer("a b"),
    status: 400,
    challenge: invalidRequest,
    code: "invalid_request",
  },
  {
    name: "two accepted methods at once",
    path: "/either",
    fields: async () => ({ Authorization: `Bearer ${await token()}`, "X-API-Key": keys.good.key }),
    status: 400,
    challenge: `Bearer realm="api", error="invalid_request", ${metadata}, ApiKey realm="api", error="invalid_request", header="x-api-key"`,
    code: "invalid_request",
  },
  {
    name: "a token in the query",
    path: "/token?access_token=x",
    fields: nothing,
    status: 400,
    challenge: invalidRequest,
    code: "token_in_query",
  },
  { name: "no JWS", path: "/token", fields: bearer("canary"), status: 401, challenge: invalid, code: "invalid_token" },
  {
    name: "a token that is too long",
    path: "/token",
    fields: bearer(token({ canary: "x".repeat(7000) })),
    status: 401,
    challenge: invalid,
    code: "invalid_token",
  },
  {
    name: "a token that is not canonical",
    path: "/token",
    fields: bearer(token().then((text) => `${text}=`)),
    status: 401,
    challenge: invalid,
    code: "invalid_token",
  },
  {
    name: "an expired token",
    path: "/token",
    fields: bearer(token({ exp: inSeconds(-60) })),
    status: 401,
    challenge: `Bearer realm="api", error="invalid_token", error_description="The access token expired", ${metadata}`,
    code: "token_expired",
  },
  {
    name: "a token that is not valid yet",
    path: "/token",
    fields: bearer(token({ nbf: inSeconds(120) })),
    status: 401,
    challenge: `Bearer realm="api", error="invalid_token", error_description="The access token is not valid yet", ${metadata}`,
    code: "token_not_yet_valid",
  },
  {
    name: "a bad signature",
    path: "/token",
    fields: bearer(tampered()),
    status: 401,
    challenge: invalid,
    code: "invalid_token",
  },
  {
    name: "another type of token",
    path: "/token",
    fields: bearer(token({}, { typ: "dpop+jwt" })),
    status: 401,
    challenge: invalid,
    code: "invalid_token",
  },
  {
    name: "another issuer",
    path: "/token",
    fields: bearer(token({ iss: "https://canary.example/" })),
    status: 401,
    challenge: invalid,
    code: "invalid_token",
  },
  {
    name: "another audience",
    path: "/token",
    fields: bearer(token({ aud: "canary" })),
    status: 401,
    challenge: invalid,
    code: "invalid_token",
  },
  {
    name: "a token that is bound to a key",
    path: "/token",
    fields: bearer(token({ cnf: { jkt: "canary" } })),
    status: 401,
    challenge: invalid,
    code: "invalid_token",
  },
  {
    name: "keys that cannot be had",
    path: "/away",
    fields: bearer(token({}, { alg: "HS256" }).then(asymmetric)),
    status: 503,
    challenge: null,
    code: "auth_unavailable",
  },
  {
    name: "a scope that is missing",
    path: "/token/write",
    fields: bearer(token()),
    status: 403,
    challenge: `Bearer realm="api", error="insufficient_scope", scope="notes:write", ${metadata}`,
    code: "insufficient_scope",
  },
  {
    name: "a check that denies",
    path: "/token/check",
    fields: bearer(token()),
    status: 403,
    challenge: null,
    code: "forbidden",
  },
  { name: "no key", path: "/key", fields: nothing, status: 401, challenge: key, code: "credentials_required" },
  {
    name: "an unknown key",
    path: "/key",
    fields: sent({ "X-API-Key": "acme_test_canary" }),
    status: 401,
    challenge: key,
    code: "invalid_api_key",
  },
  {
    name: "an empty key",
    path: "/key",
    fields: sent({ "X-API-Key": "" }),
    status: 401,
    challenge: key,
    code: "invalid_api_key",
  },
  {
    name: "an expired key",
    path: "/key",
    fields: sent({ "X-API-Key": keys.expired.key }),
    status: 401,
    challenge: key,
    code: "api_key_expired",
  },
  {
    name: "an unknown key as Bearer",
    path: "/key",
    fields: bearer("acme_test_canary"),
    status: 401,
    challenge: 'Bearer realm="api", error="invalid_token", error_description="The API key is invalid"',
    code: "invalid_api_key",
  },
  {
    name: "an expired key as Bearer",
    path: "/key",
    fields: bearer(keys.expired.key),
    status: 401,
    challenge: 'Bearer realm="api", error="invalid_token", error_description="The API key expired"',
    code: "api_key_expired",
  },
  {
    name: "two keys",
    path: "/key",
    fields: sent({ "X-API-Key": [keys.good.key, keys.good.key] }),
    status: 400,
    challenge: 'ApiKey realm="api", error="invalid_request", header="x-api-key"',
    code: "invalid_request",
  },
  {
    name: "a key store that is down",
    path: "/key",
    fields: sent({ "X-API-Key": keys.unreachable.key }),
    status: 503,
    challenge: null,
    code: "auth_unavailable",
  },
  {
    name: "a bad token where a key would do",
    path: "/either",
    fields: bearer("canary"),
    status: 401,
    challenge: `${invalid}, ${key}`,
    code: "invalid_token",
  },
  {
    name: "a bad key where a token would do",
    path: "/either",
    fields: sent({ "X-API-Key": "canary" }),
    status: 401,
    challenge: `Bearer realm="api", scope="notes:read", ${metadata}, ${key}`,
    code: "invalid_api_key",
  },
  {
    name: "a bad token where none is needed",
    path: "/anybody",
    fields: bearer("canary"),
    status: 401,
    challenge: `${invalid}, ${key}`,
    code: "invalid_token",
  },
  {
    name: "an empty key where none is needed",
    path: "/anybody",
    fields: sent({ "X-API-Key": "" }),
    status: 401,
    challenge: `Bearer realm="api", ${metadata}, ${key}`,
    code: "invalid_api_key",
  },
  {
    name: "another scheme where none is needed",
    path: "/anybody",
    fields: sent({ Authorization: "Basic YTpi" }),
    status: 401,
    challenge: `Bearer realm="api", ${metadata}, ${key}`,
    code: "credentials_required",
  },
];

/** The same token as if an asymmetric key had signed it: its signature is never looked at. */
function asymmetric(text: string): string {
  const [, payload = "", signature = ""] = text.split(".");
  return [Buffer.from('{"alg":"RS256"}').toString("base64url"), payload, signature].join(".");
}
