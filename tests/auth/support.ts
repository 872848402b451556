import { type Authenticator, type Identity, problem } from "../../src/index.ts";

/** An authenticator of credentials `<scheme> <subject>[:<scope> …]` in `Authorization`. */
export function schemeOf<Method extends string>(
  scheme: string,
  name: Method,
  further: Partial<Authenticator<Identity<Method>>> = {},
): Authenticator<Identity<Method>> {
  const challenge = `${scheme} realm="api"`;
  return {
    name,
    challenge,
    present: (request) => request.headers.get("authorization")?.startsWith(`${scheme} `) ?? false,
    authenticate: (request) => {
      const match = /^\S+ ([a-z]+)(?::(.*))?$/.exec(request.headers.get("authorization") ?? "");
      if (match?.[1] === undefined || match[1] === "bad") return refused(challenge);
      return { method: name, subject: match[1], scopes: new Set(match[2]?.split(",")) };
    },
    ...further,
  };
}

/** An authenticator of one field whose value is the subject; `bad` is a bad one. */
export function fieldOf<Method extends string>(
  field: string,
  name: Method,
  further: Partial<Authenticator<Identity<Method>>> = {},
): Authenticator<Identity<Method>> {
  const challenge = `${name} realm="api", header="${field}"`;
  return {
    name,
    challenge,
    fields: [field],
    present: (request) => request.headers.has(field),
    authenticate: (request) => {
      const subject = request.headers.get(field) ?? "";
      return subject === "bad" || subject === "" ? refused(challenge) : { method: name, subject, scopes: new Set() };
    },
    ...further,
  };
}

function refused(challenge: string): ReturnType<typeof problem> {
  return problem(401, "invalid_token", { headers: { "WWW-Authenticate": `${challenge}, error="invalid_token"` } });
}

export const whoami = (_request: Request, { auth }: { auth: { subject: string | null; method: string } }): Response =>
  Response.json({ subject: auth.subject, method: auth.method });
