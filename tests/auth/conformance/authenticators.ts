import { createHmac } from "node:crypto";
import { type Authenticator, type Identity, problem, type Refusal } from "../../../src/index.ts";
import type { AuthenticatorExample } from "../../../src/testing.ts";

const owners = new Map([
  ["s3cr3t-of-ada", "ada"],
  ["s3cr3t-of-bob", "bob"],
]);

function refuse(challenge: string): Refusal {
  return problem(401, "invalid_session", { headers: { "WWW-Authenticate": challenge }, reason: "unknown_session" });
}

function session(token: string | undefined, challenge: string): Identity | Refusal {
  const subject = owners.get(token ?? "");
  return subject === undefined
    ? refuse(challenge)
    : { method: "session", subject, issuer: "https://id.example.com", scopes: new Set(["notes:read"]) };
}

/** Sessions as bearer tokens, as anybody may write them. */
export function sessions(): AuthenticatorExample {
  const authenticator: Authenticator = {
    name: "session",
    challenge: 'Bearer realm="api"',
    present: (request) => request.headers.has("authorization"),
    authenticate: (request) =>
      session(
        /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1],
        'Bearer realm="api", error="invalid_token"',
      ),
  };
  return {
    authenticator,
    good: [{ Authorization: "Bearer s3cr3t-of-ada" }, { Authorization: "bearer s3cr3t-of-bob" }],
    bad: [{ Authorization: "Bearer s3cr3t-of-nobody" }, { Authorization: "Bearer" }],
  };
}

/** Sessions in a cookie, asynchronous, in a class. */
export function sessionCookies(): AuthenticatorExample {
  const tokenOf = (request: Request): string | undefined =>
    /(?:^|; )session=([^;]*)/.exec(request.headers.get("cookie") ?? "")?.[1];
  class Cookies implements Authenticator {
    readonly name = "session";
    readonly challenge = 'Session realm="api"';
    readonly fields = ["Cookie"];
    readonly scopes = ["notes:read"];
    readonly ambient: boolean = true;
    readonly present = (request: Request): boolean => tokenOf(request) !== undefined;
    readonly authenticate = async (request: Request): Promise<Identity | Refusal> =>
      session(tokenOf(request), this.challenge);
  }
  return {
    authenticator: new Cookies(),
    good: [{ Cookie: "session=s3cr3t-of-ada" }, { Cookie: "session=s3cr3t-of-bob" }],
    bad: [{ Cookie: "session=s3cr3t-of-nobody" }, { Cookie: "session=" }],
  };
}

/** A name and its signature, in two fields. */
export function signed(): AuthenticatorExample {
  const sign = (name: string): string => createHmac("sha256", "the key of the suite").update(name).digest("hex");
  const challenge = 'Signature realm="api"';
  const authenticator: Authenticator = {
    name: "signature",
    challenge,
    fields: ["X-Key-Id", "X-Signature"],
    present: ({ headers }) => headers.has("x-key-id") || headers.has("x-signature"),
    authenticate: ({ headers }) => {
      const name = headers.get("x-key-id") ?? "";
      const isSigned = name !== "" && headers.get("x-signature") === sign(name);
      return isSigned ? { method: "signature", subject: name, scopes: new Set() } : refuse(challenge);
    },
  };
  const fieldsOf = (name: string): Record<string, string> => ({ "X-Key-Id": name, "X-Signature": sign(name) });
  return {
    authenticator,
    good: [fieldsOf("ada"), fieldsOf("bob")],
    bad: [{ ...fieldsOf("ada"), "X-Signature": sign("bob") }, { "X-Key-Id": "ada" }],
  };
}
