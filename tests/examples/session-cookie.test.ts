import { SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { me } from "../../examples/readme/cookie.ts";
import { expectProblem } from "../lib/harness.ts";

const secret = "mF3kx9QpT7vR2wLs8YbN4hJc6ZgD1aUe";
const app = "https://app.example.com";

async function cookieOf(subject: string): Promise<string> {
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer(app)
    .setAudience("https://api.example.com")
    .setSubject(subject)
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(secret));
  return `theme=dark; __Host-session=${token}`;
}

describe("the README's session cookie", () => {
  beforeEach(() => void vi.stubEnv("SESSION_SECRET", secret));
  afterEach(() => void vi.unstubAllEnvs());

  const post = (fields: Record<string, string>): Promise<Response> =>
    me(new Request("https://api.example.com/me", { method: "POST", headers: fields }));

  test("lets in who has it, from a page of the list", async () => {
    const response = await post({ Cookie: await cookieOf("ada"), Origin: app, "Sec-Fetch-Site": "same-site" });
    expect([response.status, await response.json()]).toEqual([200, { hello: "ada" }]);
    expect(response.headers.get("vary")).toBe("Origin, Cookie");
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("is nothing to another page that makes a browser send it", async () => {
    const fields = { Cookie: await cookieOf("ada"), Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site" };
    await expectProblem(await post(fields), 403, "cross_origin_refused");
  });

  test("that is missing or forged is 401", async () => {
    await expectProblem(await post({}), 401, "credentials_required");
    const forged = `${(await cookieOf("ada")).slice(0, -4)}AAAA`;
    await expectProblem(await post({ Cookie: forged }), 401, "invalid_token");
  });
});
