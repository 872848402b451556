import { expect } from "vitest";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The fields of a response whose name begins with one of these prefixes. */
export function fieldsOf({ headers }: Response, ...prefixes: readonly string[]): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => prefixes.some((prefix) => name.startsWith(prefix))));
}

/** Whether a list of field names, as in `Vary`, has these. */
export function expectListed(value: string | null, ...names: readonly string[]): void {
  const listed = (value ?? "").split(",").map((name) => name.trim().toLowerCase());
  expect(listed).toEqual(expect.arrayContaining(names.map((name) => name.toLowerCase())));
  expect(new Set(listed).size).toBe(listed.length);
}

/** Every field of the policy, over whatever response it is; CORS for `origin`, or none of it. */
export function expectPolicy(response: Response, origin: string | undefined): void {
  const { headers } = response;
  expect(Object.fromEntries(headers)).toMatchObject({
    "cache-control": expect.stringMatching(/\S/),
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": expect.stringMatching(/^(?:no-referrer|same-origin)$/),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-request-id": expect.stringMatching(uuid),
    "x-robots-tag": "noindex",
  });
  expect(headers.has("strict-transport-security")).toBe(false); // plain http, to an address
  expect(headers.has("x-powered-by")).toBe(false);
  expectListed(headers.get("vary"), "Origin", "Authorization");
  expectCors(response, origin);
}

/** The CORS fields for an allowed `origin`; none for any other. */
export function expectCors(response: Response, origin: string | undefined): void {
  expect(fieldsOf(response, "access-control-")).toEqual(
    origin === undefined
      ? {}
      : {
          "access-control-allow-origin": origin,
          "access-control-allow-credentials": "true",
          "access-control-expose-headers": expect.stringContaining("X-Request-ID"),
        },
  );
}

/** The two families of fields, with what is left of a limit. */
export function expectCounted(response: Response, name: string, limit: number, windowSeconds: number): void {
  expect(fieldsOf(response, "ratelimit", "x-ratelimit-")).toEqual({
    "ratelimit-policy": `"${name}";q=${limit};w=${windowSeconds}`,
    ratelimit: expect.stringMatching(new RegExp(`^"${name}";r=\\d+;t=\\d+$`)),
    "x-ratelimit-limit": String(limit),
    "x-ratelimit-remaining": expect.stringMatching(/^\d+$/),
    "x-ratelimit-reset": expect.stringMatching(/^\d{10}$/),
  });
}

/** A problem body whose id is that of the response. */
export async function expectProblem(response: Response, status: number, code: string): Promise<void> {
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(await response.json()).toMatchObject({ status, code, requestId: response.headers.get("x-request-id") });
}
