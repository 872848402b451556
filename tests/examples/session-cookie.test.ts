import { SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { login, me } from "../../examples/readme/cookie.ts";
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

  /** From a client whose address is known, so that its guesses would be counted. */
  const post = (headers: Record<string, string>, to = me, path = "/me"): Promise<Response> =>
    to(Object.assign(new Request(`https://api.example.com${path}`, { method: "POST", headers }), { ip: "192.0.2.1" }));

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

  test("that is missing, forged or no token is 401 in its own words, and is taken from the browser", async () => {
    await expectProblem(await post({}), 401, "credentials_required");
    const forged = `${(await cookieOf("ada")).slice(0, -4)}AAAA`;
    for (const Cookie of [forged, "__Host-session=junk", "__Host-session=a b"]) {
      const response = await post({ Cookie });
      expect(response.headers.get("www-authenticate")).toBe('Cookie realm="api"');
      expect(response.headers.get("set-cookie")).toMatch(/^__Host-session=; .*Max-Age=0$/);
      await expectProblem(response, 401, "session_expired");
    }
  });

  test("that is old does not keep its browser from logging in, however often it comes", async () => {
    const old = { Cookie: "__Host-session=old" };
    for (let count = 0; count < 30; count++) await expectProblem(await post(old), 401, "session_expired");
    expect((await post(old, login, "/login")).status).toBe(204);
  });
});
