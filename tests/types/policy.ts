import { policy, secure } from "../../src/index.ts";
import { type Equal, holds, ok, read, type Session, session } from "./support.ts";

// secure()
secure(ok);
secure(async (request, { requestId, traceId, clientIp, waitUntil }) => {
  holds<Equal<typeof requestId, string>>();
  holds<Equal<typeof traceId, string | undefined>>();
  holds<Equal<typeof clientIp, string | undefined>>();
  waitUntil(Promise.resolve());
  return new Response(request.url);
});
// @ts-expect-error the defaults have no auth
secure((_request, { auth }) => Response.json(auth));
// @ts-expect-error a handler answers with a Response
secure(() => "hello");

// a policy without auth has no `auth` in the context of handlers
const open = policy({ cors: { origins: "*" } });
policy()(ok);
policy({})(ok);
open((_request, context) => {
  // @ts-expect-error no auth in this policy
  read(context.auth);
  return ok();
});
// @ts-expect-error a handler answers with a Response
open(() => "hello");
// @ts-expect-error requirements alone are no handler
open({ methods: ["GET"] });

// a policy with auth
const api = policy({ auth: session, cors: { origins: ["https://app.example.com"], credentials: true } });
api((_request, { auth }) => {
  holds<Equal<typeof auth, Session>>();
  // @ts-expect-error sessions have no such member
  read(auth.nope);
  return Response.json(auth.role);
});
api.run(new Request("https://api.example.com/"), { clientIp: "192.0.2.1" }, (_request, { auth }) =>
  Response.json(auth.role),
);

// unknown keys beside valid ones
// @ts-expect-error typo in a policy
policy({ auth: session, rateLimits: [] });
// @ts-expect-error typo in a policy without anything else
policy({ corss: { origins: "*" } });
// @ts-expect-error typo beside cors
policy({ cors: { origins: ["https://app.example.com"] }, crossorigin: "off" });
// @ts-expect-error typo in options of a concern
policy({ requestId: { headers: "X-Request-ID" } });
// @ts-expect-error the id is kept by "accept" or by a function
policy({ requestId: { inbound: true } });
policy({ requestId: { inbound: (id, request) => id.startsWith("gw-") && request.headers.has("via") } });
policy({ requestId: false, requireHttps: true });

// an own key whose value is `undefined` never opens an API
// @ts-expect-error `auth` may be absent, not undefined
policy({ auth: Math.random() > 1 ? session : undefined });
// @ts-expect-error `cors` may be absent, not undefined
policy({ cors: undefined });
// @ts-expect-error `rateLimit` may be absent, not undefined
policy({ rateLimit: undefined });
// @ts-expect-error nor in `with`
api.with({ auth: undefined });
// @ts-expect-error nor in requirements
api({ auth: undefined }, ok);
// @ts-expect-error nor in a route
policy({ routes: { "/health": { crossOrigin: undefined } } });
// @ts-expect-error nor inside a concern
policy({ headers: { referrerPolicy: undefined } });

// hooks
policy({
  onError: (error, { requestId }) => (error instanceof RangeError ? Response.json(requestId) : undefined),
  renderProblem: ({ code, status, requestId }, request) => {
    holds<Equal<typeof code, string>>();
    return { contentType: "text/plain", body: `${status} ${code} ${requestId} ${request.method}` };
  },
  onEvent: async (event) => {
    if (event.type === "limited") holds<Equal<typeof event.limits, readonly string[]>>();
    if (event.type === "refused") holds<Equal<typeof event.status, number>>();
    // @ts-expect-error only a limit knows when to come back
    read(event.retryAfterMs);
  },
});
// @ts-expect-error a renderer gives a body, not a Response: the exit keeps status and fields
policy({ renderProblem: () => new Response("no") });

// the policy as data
const description = api.describe();
holds<Equal<typeof description.auth, string | undefined>>();
holds<Equal<typeof description.requireHttps, boolean>>();
