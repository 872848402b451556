import { expect } from "vitest";

/** The fields that a policy writes where nothing is configured, and the CORS of one that names this origin. */
export const origin = "https://app.example.com";

/** Asserts the status and the fields of the policy. */
export function expectPolicy({ status, headers }: Response, expected: number): void {
  expect(status).toBe(expected);
  expect(Object.fromEntries(headers)).toMatchObject({
    "access-control-allow-origin": origin,
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    vary: expect.stringMatching(/\bOrigin\b/),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-request-id": expect.stringMatching(/^[\da-f-]{36}$/),
  });
}

/** The same, and the body is this problem. */
export async function expectProblem(response: Response, status: number, code: string): Promise<void> {
  expectPolicy(response, status);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(await response.json()).toMatchObject({ status, code, requestId: response.headers.get("x-request-id") });
}
