import { describe, expect } from "vitest";
import { api, app, foreign } from "./sites.ts";
import { type Call, call, nothing, readableProblem, test } from "./world.ts";

const withCookies: Call = { credentials: "include" };

/** Answers that say no are for listed origins to read too, and for no other. */
export function refusalTests(): void {
  describe("a refusal or an error", () => {
    test("401: a listed origin reads the code and the challenge", async ({ visit, answered }) => {
      const seen = await call(await visit(app), `${api}/me`);
      expect(seen).toMatchObject(readableProblem(401, "credentials_required"));
      expect(seen).toMatchObject({ fields: { "www-authenticate": 'Session realm="api"' } });
      expect(await call(await visit(foreign), `${api}/me`)).toEqual(nothing);
      expect(answered.map(({ status }) => status)).toEqual([401, 401]);
    });

    test("403: a listed origin reads the code", async ({ visit, answered }) => {
      const page = await visit(app);
      await call(page, `${api}/notes`, withCookies);
      const seen = await call(page, `${api}/admin`, withCookies);
      expect(seen).toMatchObject(readableProblem(403, "forbidden"));
      expect(await call(await visit(foreign), `${api}/admin`, withCookies)).toEqual(nothing);
      expect(answered.slice(1)).toMatchObject([
        { status: 403, handled: false },
        { status: 403, handled: false },
      ]);
    });

    test("429: a listed origin reads the code and when to come back", async ({ visit, answered }) => {
      const page = await visit(app);
      const url = `${api}/limited/exhausted`;
      for (const status of [200, 200]) expect(await call(page, url)).toMatchObject({ status });
      const seen = await call(page, url);
      expect(seen).toMatchObject(readableProblem(429, "rate_limited"));
      expect(seen).toMatchObject({
        fields: { "retry-after": expect.stringMatching(/^[1-9]\d?$/), "x-ratelimit-remaining": "0" },
      });
      expect(await call(await visit(foreign), url)).toEqual(nothing);
      expect(answered.map(({ status }) => status)).toEqual([200, 200, 429, 429]);
    });

    test("500: a listed origin reads the code, and nothing of the error", async ({ visit, answered }) => {
      const seen = await call(await visit(app), `${api}/broken`);
      expect(seen).toMatchObject(readableProblem(500, "internal_error"));
      expect(JSON.stringify(seen)).not.toContain("password");
      expect(await call(await visit(foreign), `${api}/broken`)).toEqual(nothing);
      expect(answered.map(({ status }) => status)).toEqual([500, 500]);
    });
  });
}
