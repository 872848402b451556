import { type Authenticator, type Identity, policy, problem, type RequestContext } from "../../src/index.ts";
import type { Site } from "./server.ts";

/** Listed, and of the same site as the API. */
export const app = "https://app.example.com";
/** Listed, and of another site: only SameSite=None cookies travel from there. */
export const partner = "https://partner.example.org";
/** Not listed, but of the same site as the API: what a taken-over subdomain could do. */
export const neighbour = "https://blog.example.com";
/** Not listed, of another site. */
export const foreign = "https://evil.example.net";
/** The API whose policy lists origins. */
export const api = "https://api.example.com";
/** An API whose policy says `"*"`. */
export const open = "https://open.example.com";
/** The same files as those of the APIs, without a policy: shows that it is the policy that blocks. */
export const bare = "https://bare.example.com";

/** What an API answered, and whether its handler ran for it. */
export interface Answered {
  readonly method: string;
  readonly path: string;
  readonly origin: string | null;
  readonly cookie: string | null;
  readonly status: number;
  readonly handled: boolean;
}

const session: Authenticator<Identity<"session">> = {
  name: "session",
  challenge: 'Session realm="api"',
  fields: ["Cookie"],
  ambient: true,
  present: (request) => request.headers.has("cookie"),
  authenticate: (request) =>
    request.headers.get("cookie") === "session=alice"
      ? { method: "session", subject: "alice", scopes: new Set() }
      : problem(401, "session_invalid", { headers: { "WWW-Authenticate": 'Session realm="api"' } }),
};

/** What the hosts serve besides notes: the same with and without a policy. */
const files: Readonly<Record<string, readonly [contentType: string, body: string]>> = {
  "/": ["text/html; charset=utf-8", "<!doctype html><title>a page</title>"],
  "/image.svg": ["image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'],
  "/script.js": ["text/javascript", "globalThis.scriptRan = true"],
  "/script.json": ["application/json", "globalThis.scriptRan = true"],
};

/** A host per origin; the answers of the two APIs are written to `log`. */
export function createSites(log: Answered[]): ReadonlyMap<string, Site> {
  const handled = new Set<string>();
  const reply = (request: Request, { requestId }: RequestContext): Response => {
    handled.add(requestId);
    return pathOf(request) in files ? serveFile(request) : serveNote();
  };
  const fail = (_request: Request, { requestId }: RequestContext): never => {
    handled.add(requestId);
    throw new Error("the password of the database");
  };

  const listed = policy({
    cors: {
      origins: [app, partner],
      credentials: true,
      methods: ["GET", "POST", "PUT"],
      allowHeaders: ["Content-Type", "X-Note"],
    },
    onEvent: () => {},
  });
  const authenticated = listed.with({ auth: session });
  const routes: Readonly<Record<string, Site>> = {
    me: authenticated((_request, { auth, requestId }) => {
      handled.add(requestId);
      return Response.json({ subject: auth.subject });
    }),
    admin: authenticated({ check: () => false }, reply),
    // Each path has a bucket of its own, so that tests share none.
    limited: listed.with({ rateLimit: { limit: 2, windowSeconds: 60, by: ({ path }) => path } })(reply),
    broken: listed(fail),
  };
  const notes: Site = listed(reply);

  const recorded =
    (site: Site): Site =>
    async (request, env) => {
      const response = await site(request, env);
      log.push({
        method: request.method,
        path: pathOf(request),
        origin: request.headers.get("origin"),
        cookie: request.headers.get("cookie"),
        status: response.status,
        handled: handled.has(response.headers.get("x-request-id") ?? ""),
      });
      return response;
    };
  return new Map<string, Site>([
    [api, recorded((request, env) => (routes[pathOf(request).split("/")[1] ?? ""] ?? notes)(request, env))],
    [open, recorded(policy({ cors: { origins: "*" } })(reply))],
    ...[bare, app, partner, neighbour, foreign].map((origin): [string, Site] => [origin, serveFile]),
  ]);
}

function pathOf(request: Request): string {
  return new URL(request.url).pathname;
}

function serveFile(request: Request): Response {
  const [contentType, body] = files[pathOf(request)] ?? [];
  if (contentType === undefined) return new Response(null, { status: 404 });
  return new Response(body, { headers: { "Content-Type": contentType } });
}

/** Signs the browser in by the way, as the answer of a login would. */
function serveNote(): Response {
  return Response.json(
    { note: "for listed eyes" },
    {
      headers: {
        ETag: '"1"',
        Link: "</notes>; rel=index",
        "Set-Cookie": "session=alice; Path=/; Secure; HttpOnly; SameSite=None",
        "X-Internal": "not exposed",
      },
    },
  );
}
