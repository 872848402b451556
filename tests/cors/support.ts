import {
  type Authenticator,
  ConfigError,
  type ConfigIssue,
  type Identity,
  type OnEvent,
  type PolicyEvent,
  policy,
  problem,
} from "../../src/index.ts";

export const app = "https://app.example.com";
export const foreign = "https://evil.example";
export const url = "https://api.example.com/notes";

type FieldValues = Readonly<Record<string, string>>;

export function requestFrom(origin: string | null, method = "GET", fields: FieldValues = {}): Request {
  return new Request(url, { method, headers: { ...(origin !== null && { origin }), ...fields } });
}

export function preflightFrom(origin: string, method = "PUT", requestHeaders?: string): Request {
  return new Request(url, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": method,
      ...(requestHeaders !== undefined && { "access-control-request-headers": requestHeaders }),
    },
  });
}

export const hello = (): Response => Response.json({ hello: "world" });

/** The `Access-Control-*` fields of a response, and nothing else. */
export function accessControl({ headers }: Response): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => name.startsWith("access-control-")));
}

/** The members of `Vary` in lower case, sorted. */
export function varyOf({ headers }: Response): readonly string[] {
  return (headers.get("vary") ?? "")
    .toLowerCase()
    .split(",")
    .map((member) => member.trim())
    .filter((member) => member !== "")
    .sort();
}

/** The code of a problem body. */
export async function codeOf(response: Response): Promise<unknown> {
  const body: unknown = await response.json();
  return Object(body).code;
}

/** Collects events for a test to look at. */
export function recorder(): { readonly events: PolicyEvent[]; readonly onEvent: OnEvent } {
  const events: PolicyEvent[] = [];
  return {
    events,
    onEvent: (event) => {
      events.push(event);
    },
  };
}

/** What `policy()` says of a configuration; empty when it accepts it. */
export function mistakesIn(config: object): readonly ConfigIssue[] {
  try {
    policy(config); // typed loosely: most of these mistakes would not type-check
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
}

/** Knows one good token; throws for the word "outage". */
export const token: Authenticator<Identity<"token">> = {
  name: "token",
  challenge: 'Bearer realm="api"',
  present: (request) => request.headers.has("authorization"),
  authenticate: (request) => {
    const credential = request.headers.get("authorization");
    if (credential === "Bearer outage") throw new Error("the key server is down");
    if (credential === "Bearer good") return { method: "token", subject: "ann", scopes: new Set() };
    return problem(401, "bad_token", { headers: { "WWW-Authenticate": 'Bearer realm="api"' } });
  },
};
