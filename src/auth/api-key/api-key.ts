import { andThen, firstAnswer, type MaybePromise } from "../../lib/maybe-promise.ts";
import type { Refusal } from "../../problem.ts";
import type { Authenticator } from "../../types.ts";
import { bearerCredential, hasBearer } from "../bearer.ts";
import { bare, type Challenge } from "../challenge.ts";
import { compileForm } from "./key-format.ts";
import type { ApiKeyIdentity } from "./lookup.ts";
import { type ApiKeyOptions, type ApiKeyPlan, readApiKeyOptions } from "./options.ts";
import { type Refusals, refusalsOf } from "./refusals.ts";

/**
 * Verifies API keys that `generateApiKey()` made: `acme_live_<id>_<secret><checksum>`. Only the hash of a key is looked
 * up, and what cannot be a key is refused without a lookup.
 *
 * A missing key is 401 `credentials_required`; an unknown, revoked or mistyped one 401 `invalid_api_key`; an expired one
 * 401 `api_key_expired`; more than one 400 `invalid_request`.
 *
 * @throws ConfigError with every mistake in the options.
 */
export function apiKey<Meta = undefined, const Scope extends string = string>(
  options: ApiKeyOptions<Meta, Scope>,
): Authenticator<ApiKeyIdentity<Meta, Scope>> {
  const plan = readApiKeyOptions(options);
  const { prefix, header, realm, scopes } = plan;
  const parameters = `, header="${header.toLowerCase()}"`;
  const challenge: Challenge = { head: `ApiKey realm=${realm}`, tail: parameters, namesScopes: false };
  const inField = refusalsOf(challenge, undefined);
  const asBearer = refusalsOf({ head: `Bearer realm=${realm}`, tail: "", namesScopes: false }, "invalid_token");
  const verify = verifierOf(plan);
  const isSentAsBearer = (request: Request): boolean =>
    hasBearer(request) && request.headers.get("authorization")?.includes(` ${prefix}_`) === true;

  const authenticator: Authenticator<ApiKeyIdentity<unknown>> = {
    name: "api-key",
    challenge: bare(challenge, []),
    fields: [header, "Authorization"],
    ...(scopes !== undefined && { scopes }),
    prefix: `${prefix}_`,
    present: (request) => request.headers.has(header) || isSentAsBearer(request),
    authenticate: (request) => {
      const key = request.headers.get(header);
      if (key === null) {
        const credential = bearerCredential(request);
        return credential === undefined ? asBearer.notOne : verify(credential, asBearer);
      }
      // Two fields of one name arrive joined by a comma, which no key has.
      return key.includes(",") || isSentAsBearer(request) ? inField.notOne : verify(key, inField);
    },
  };
  return authenticator as Authenticator<ApiKeyIdentity<Meta, Scope>>; // lookup's records have this Meta and these scopes
}

/** Says whose key it is. The answers to bad ones depend on how it was sent. */
type Verify = (key: string, refusals: Refusals) => MaybePromise<ApiKeyIdentity<unknown> | Refusal>;

function verifierOf({ prefix, hashes, find }: ApiKeyPlan): Verify {
  const mistakeIn = compileForm(prefix);
  const lookups = hashes.map((hash) => (key: string) => andThen(hash(key), find));
  return (key, refusals) => {
    const mistake = mistakeIn(key);
    if (mistake !== undefined) return refusals[mistake];
    return andThen(firstAnswer(lookups, key), (known) => {
      if (known === undefined) return refusals.unknown;
      return known.expiresAtMs > Date.now() ? known.identity : refusals.expired;
    });
  };
}
