import {
  type Authenticator,
  type Identity,
  memoryStore,
  policy,
  problem,
  type RateLimitStore,
  type StandardSchema,
} from "../../src/index.ts";

export const address = "192.0.2.1";
const exhaustedAddress = "192.0.2.66";

/** The steps in their order: what each answers, and what of the user's code has run by then. */
export const steps = [
  { step: "path", status: 400, code: "malformed_path", ran: [] },
  { step: "method", status: 405, code: "method_not_allowed", ran: [] },
  { step: "cross-origin", status: 403, code: "cross_origin_refused", ran: [] },
  { step: "fields of the content", status: 415, code: "unsupported_media_type", ran: [] },
  { step: "address limit", status: 429, code: "rate_limited", ran: ["count ip"] },
  { step: "authentication", status: 401, code: "bad_token", ran: ["count ip", "authenticate"] },
  { step: "identity limit", status: 429, code: "rate_limited", ran: ["count ip", "authenticate", "count user"] },
  {
    step: "requirement",
    status: 403,
    code: "forbidden",
    ran: ["count ip", "authenticate", "count user", "requirement"],
  },
  {
    step: "check",
    status: 409,
    code: "check_failed",
    ran: ["count ip", "authenticate", "count user", "requirement", "check"],
  },
  {
    step: "body",
    status: 422,
    code: "invalid_body",
    ran: ["count ip", "authenticate", "count user", "requirement", "check", "body"],
  },
  {
    step: "handler",
    status: 500,
    code: "internal_error",
    ran: ["count ip", "authenticate", "count user", "requirement", "check", "body", "handler"],
  },
] as const;
export type Step = (typeof steps)[number]["step"];

/** A policy with every step, and a note of each function of the user's that was called. */
export function traced() {
  const ran: string[] = [];
  const memory = memoryStore();
  const store: RateLimitStore = {
    name: memory.name,
    capabilities: memory.capabilities,
    consume: (checks, options) => {
      for (const { limit } of checks) if (limit.name !== "auth-failures") ran.push(`count ${limit.name}`);
      return memory.consume(checks, options);
    },
  };
  const bearer: Authenticator<Identity<"bearer">> = {
    name: "bearer",
    challenge: "Bearer",
    present: (request) => request.headers.has("authorization"),
    authenticate: (request) => {
      ran.push("authenticate");
      const [verdict, subject = ""] = (request.headers.get("authorization") ?? "").split(" ");
      return verdict === "good"
        ? { method: "bearer", subject, scopes: new Set() }
        : problem(401, "bad_token", { headers: { "WWW-Authenticate": "Bearer" } });
    },
  };
  const body: StandardSchema = {
    "~standard": {
      version: 1,
      vendor: "tests",
      validate: (value) => {
        ran.push("body");
        return value === "good" ? { value } : { issues: [{ message: "must be good" }] };
      },
    },
  };
  const api = policy({
    cors: { origins: ["https://app.example.com"] },
    rateLimit: [
      { name: "ip", limit: 1, windowSeconds: 3600 },
      { name: "user", limit: 1, windowSeconds: 3600, by: "identity" },
    ],
    store,
    auth: bearer,
    checks: [
      {
        name: "check",
        check: (request) => {
          ran.push("check");
          return request.headers.has("x-fails-check") ? problem(409, "check_failed") : undefined;
        },
      },
    ],
    routes: { "/elsewhere": { methods: ["GET"] } },
    onEvent: () => undefined,
  });
  const { run } = api.prepare(
    {
      methods: ["POST"],
      body,
      check: (_, request) => {
        ran.push("requirement");
        return !request.headers.has("x-fails-requirement");
      },
    },
    (request) => {
      ran.push("handler");
      if (request.headers.has("x-fails-handler")) throw new Error("the handler fails");
      return new Response(null, { status: 204 });
    },
  );
  return { ran, run };
}

/** A POST that no step objects to, but for what these fields and this init say. */
export function posted(path: string, fields: Record<string, string> = {}, init: RequestInit = {}): Request {
  const body = '"good"';
  const headers = { "Content-Type": "application/json", "Content-Length": String(body.length), ...fields };
  return new Request(`https://api.example.com${path}`, { method: "POST", body, ...init, headers });
}

/** Runs a request that these steps object to, and no other. Tells the answer and what ran for it. */
export async function answerTo(objecting: readonly Step[], fields: Record<string, string> = {}, method?: string) {
  const { ran, run } = traced();
  const objects = (step: Step): boolean => objecting.includes(step);
  await run(posted("/notes", { Authorization: "good anybody" }), { clientIp: exhaustedAddress });
  await run(posted("/notes", { Authorization: "good greedy" }), { clientIp: "192.0.2.99" });
  ran.length = 0;
  const headers = {
    Authorization: `${objects("authentication") ? "bad" : "good"} ${objects("identity limit") ? "greedy" : "modest"}`,
    ...(objects("cross-origin") && { Origin: "https://evil.example.net", "Sec-Fetch-Site": "cross-site" }),
    ...(objects("fields of the content") && { "Content-Type": "text/plain; application/json" }),
    ...(objects("requirement") && { "X-Fails-Requirement": "1" }),
    ...(objects("check") && { "X-Fails-Check": "1" }),
    ...(objects("handler") && { "X-Fails-Handler": "1" }),
    ...fields,
  };
  const request = posted(objects("path") ? "/%ff" : "/notes", headers, {
    method: method ?? (objects("method") ? "DELETE" : "POST"),
    body: objects("body") ? '"evil"' : '"good"',
  });
  const response = await run(request, { clientIp: objects("address limit") ? exhaustedAddress : address });
  return { response, ran };
}

export async function codeOf(response: Response): Promise<unknown> {
  const body: { code?: unknown } = await response.json();
  return body.code;
}
