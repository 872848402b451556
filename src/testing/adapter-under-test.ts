import { assert, assertEqual } from "./assert.ts";

/** Sends a request to the app under test, as `fetch` does, to a path of it. */
export type SendToApp = (path: string, init: RequestInit) => Promise<Response>;

/** What the laws get of the settings of `testAdapter()`. */
export interface AdapterUnderTest {
  readonly send: SendToApp;
  readonly upstream: string;
  readonly clientIp: string | undefined;
  readonly requestFields: Readonly<Record<string, unknown>>;
  readonly concurrency: number;
}

/** What must hold of an app behind an adapter. */
export interface AdapterLaw {
  readonly name: string;
  readonly run: (subject: AdapterUnderTest) => Promise<void>;
}

/** Sends fields and a method, and follows no redirect. */
export function request(
  { send }: AdapterUnderTest,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  init: RequestInit = {},
): Promise<Response> {
  return send(path, { redirect: "manual", ...init, headers: { ...headers } });
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Asserts the status and every field that the policy writes, each once; CORS for `origin`, or none of it. */
export function assertPolicy(response: Response, status: number, origin: string | undefined): void {
  const { headers } = response;
  assertEqual(response.status, status, "the status");
  const expected = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex",
    "access-control-allow-origin": origin ?? null,
    "access-control-allow-credentials": origin === undefined ? null : "true",
  };
  for (const [name, value] of Object.entries(expected)) assertEqual(headers.get(name), value, `the field ${name}`);
  assert(/\S/.test(headers.get("cache-control") ?? ""), "the field cache-control is missing");
  assert(uuid.test(headers.get("x-request-id") ?? ""), `x-request-id: ${headers.get("x-request-id")}`);
  const varies = (headers.get("vary") ?? "").split(",").map((name) => name.trim().toLowerCase());
  assert(varies.includes("origin"), `vary: ${headers.get("vary")} must name Origin`);
  assertEqual(new Set(varies).size, varies.length, `vary: ${headers.get("vary")} must name each field once`);
}

/** Asserts the fields of a limit, with one member each. */
export function assertCounted({ headers }: Response, name: string, limit: number): void {
  assertEqual(headers.get("ratelimit-policy"), `"${name}";q=${limit};w=3600`, "the field ratelimit-policy");
  assertEqual(/^"(\w+)";r=\d+;t=\d+$/.exec(headers.get("ratelimit") ?? "")?.[1], name, "the limit in ratelimit");
}

/** Asserts a problem body whose id is that of the response. */
export async function assertProblem(response: Response, code: string): Promise<void> {
  assertEqual(response.headers.get("content-type"), "application/problem+json", "the type of a refusal");
  const body: Readonly<Record<string, unknown>> = await response.json();
  assertEqual(body.code, code, "the code of the refusal");
  assertEqual(body.requestId, response.headers.get("x-request-id"), "the id in the refusal");
}
