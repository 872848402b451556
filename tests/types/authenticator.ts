import { type Authenticator, type Identity, policy, problem } from "../../src/index.ts";
import { type Equal, holds } from "./support.ts";

// inline: the identity is inferred, with the literal of its method and its further members
const inline = policy({
  auth: {
    name: "badge",
    challenge: 'Badge realm="api"',
    fields: ["X-Badge"],
    present: (request) => request.headers.has("x-badge"),
    authenticate: async (request) => {
      const badge = request.headers.get("x-badge");
      if (badge !== "42") return problem(401, "bad_badge", { headers: { "WWW-Authenticate": 'Badge realm="api"' } });
      return { method: "badge" as const, subject: badge, scopes: new Set<"doors:open">(), floor: 3 };
    },
  },
});
inline((_request, { auth }) => {
  holds<Equal<typeof auth.method, "badge">>();
  holds<Equal<typeof auth.floor, number>>();
  auth.scopes.has("doors:open");
  // @ts-expect-error not a scope of this authenticator
  auth.scopes.has("doors:opne");
  return Response.json(auth.subject);
});

// named
interface Badge extends Identity<"badge"> {
  readonly floor: number;
}
const badge: Authenticator<Badge> = {
  name: "badge",
  challenge: "Badge",
  present: (request) => request.headers.has("x-badge"),
  authenticate: (_request, { requestId }) => ({ method: "badge", subject: requestId, scopes: new Set(), floor: 3 }),
};
policy({ auth: badge })((_request, { auth }) => {
  holds<Equal<typeof auth, Badge>>();
  return Response.json(auth.floor);
});

// one authenticator with several kinds of identity narrows on `method`
declare const either: Authenticator<Badge | Identity<"card">>;
policy({ auth: either })((_request, { auth }) => {
  // @ts-expect-error not narrowed: a card knows no floor
  auth.floor;
  return Response.json(auth.method === "badge" ? auth.floor : auth.subject);
});

// one written as a class
class Gate implements Authenticator<Badge> {
  readonly name = "gate";
  readonly challenge = "Badge";
  readonly present = (): boolean => true;
  readonly authenticate = (): Badge => ({ method: "badge", subject: "42", scopes: new Set(), floor: 1 });
}
policy({ auth: new Gate() })((_request, { auth }) => Response.json(auth.floor));

// what is incomplete
// @ts-expect-error `present` is missing
policy({ auth: { name: "badge", challenge: "Badge", authenticate: () => problem(403, "no") } });
policy({
  // @ts-expect-error an identity has scopes
  auth: { name: "b", challenge: "B", present: () => true, authenticate: () => ({ method: "b", subject: "s" }) },
});
policy({
  // @ts-expect-error a bad credential is a Refusal, never null
  auth: { name: "b", challenge: "B", present: () => true, authenticate: () => null },
});
// @ts-expect-error the name of an authenticator is none
policy({ auth: "session" });
// @ts-expect-error "none" is for `with`: a policy that has nobody leaves `auth` out
policy({ auth: "none" });
