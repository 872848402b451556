import { Hono } from "hono";
import { hc } from "hono/client";
import { middleware, requires } from "mantlet/hono";
import { z } from "zod";
import { type Anonymous, type Authenticator, type Identity, optional, policy } from "../../src/index.ts";
import { type Equal, holds } from "./support.ts";

interface Claims extends Identity<"jwt", "admin" | "me"> {
  readonly claims: { readonly sub: string; readonly role: "user" | "admin" };
}
declare const jwt: Authenticator<Claims>;

const api = policy({
  auth: optional(jwt),
  checks: [{ name: "tenant", check: () => ({ tenant: { id: "t" } }) }],
});

const app = new Hono()
  .use(middleware(api))
  .get("/me", (c) => {
    holds<Equal<typeof c.var.auth.method, "jwt" | "anonymous">>();
    holds<Equal<typeof c.var.tenant, { id: string }>>();
    holds<Equal<typeof c.var.clientIp, string | undefined>>();
    // @ts-expect-error nobody may be known here
    c.var.auth.claims;
    return c.json({ who: c.var.auth.subject });
  })
  .get("/admin", requires(api, { scopes: ["admin"] }), (c) => {
    holds<Equal<typeof c.var.auth.claims.role, "user" | "admin">>();
    holds<Equal<typeof c.var.tenant.id, string>>();
    return c.json({ role: c.var.auth.claims.role });
  })
  .post(
    "/notes",
    requires(api, { auth: "required", body: z.object({ title: z.string(), n: z.coerce.number() }) }),
    (c) => {
      const body = c.req.valid("json");
      holds<Equal<typeof body, { title: string; n: number }>>();
      return c.json({ id: 1, title: body.title, by: c.var.auth.claims.sub }, 201);
    },
  );

// @ts-expect-error a scope that the authenticator does not declare
requires(api, { scopes: ["admn"] });
// @ts-expect-error no requirement
requires(api, { scope: ["admin"] });
// @ts-expect-error no requirement, also beside a schema
requires(api, { scope: ["admin"], body: z.object({}) });
// @ts-expect-error a requirement can only tighten
requires(api, { auth: "optional" });
// @ts-expect-error nobody is known to a policy without auth
requires(policy(), { auth: "required" });

const client = hc<typeof app>("http://localhost");
export async function rpc(): Promise<void> {
  const admin = await (await client.admin.$get()).json();
  holds<Equal<typeof admin, { role: "user" | "admin" }>>();
  const me = await (await client.me.$get()).json();
  holds<Equal<typeof me, { who: string | null }>>();
  const response = await client.notes.$post({ json: { title: "x", n: 1 } });
  const note = await response.json();
  holds<Equal<typeof note, { id: number; title: string; by: string }>>();
  holds<Equal<typeof response.status, 201>>();
  // @ts-expect-error the body is missing
  await client.notes.$post({});
}

// Apps that declare an environment of their own.
const typed = new Hono<{ Bindings: { SECRET: string; DB: number }; Variables: { own: number } }>();
typed.use(middleware(api));
typed.use("/api/*", middleware(api));
typed.use(middleware((env: { SECRET: string }) => policy({ keySecret: env.SECRET, auth: jwt })));

interface Bindings {
  SECRET: string;
  DB: number;
}
const fromBindings = ({ SECRET }: Bindings) => policy({ keySecret: SECRET, auth: jwt });
new Hono<{ Bindings: Bindings }>()
  .use(middleware(fromBindings))
  .get("/", (c) => {
    holds<Equal<typeof c.var.auth.claims.sub, string>>();
    holds<Equal<typeof c.env.DB, number>>();
    return c.json(c.env.DB);
  })
  .get("/admin", requires(fromBindings, { scopes: ["admin"] }), (c) => c.json(c.var.auth.claims.role));
// @ts-expect-error the same for a function
requires(fromBindings, { scopes: ["admn"] });

new Hono().use(middleware(policy())).get("/", (c) => {
  // @ts-expect-error there is no auth
  c.var.auth;
  return c.text(c.var.requestId);
});

// requires() alone: it runs the whole policy.
new Hono().get("/users/:id", requires(api, { query: z.object({ page: z.coerce.number() }) }), (c) => {
  const id = c.req.param("id");
  holds<Equal<typeof id, string>>();
  const query = c.req.valid("query");
  holds<Equal<typeof query, { page: number }>>();
  holds<Equal<typeof c.var.auth, Claims | Anonymous>>();
  return c.json([c.var.requestId, c.var.tenant.id]);
});

new Hono().post("/hook/:id", requires(api, { rawBody: true, params: z.object({ id: z.coerce.number() }) }), (c) => {
  holds<Equal<typeof c.var.rawBody, Uint8Array<ArrayBuffer>>>();
  const params = c.req.valid("param");
  holds<Equal<typeof params, { id: number }>>();
  return c.json(params.id);
});
