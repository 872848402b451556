import { describe, expect } from "vitest";
import { api, app, foreign } from "./sites.ts";
import { type Call, call, nothing, test } from "./world.ts";

const preflight = { method: "OPTIONS", handled: false };

/** What a browser asks before it sends. */
export function preflightTests(): void {
  describe("a preflight", () => {
    test("lets a listed origin use a configured method and field", async ({ visit, answered }) => {
      const init = { method: "PUT", headers: { "X-Note": "1", "Content-Type": "application/json" }, body: "{}" };
      expect(await call(await visit(app), `${api}/preflights/method-and-field`, init)).toMatchObject({ status: 200 });
      expect(answered).toMatchObject([
        { ...preflight, status: 204 },
        { method: "PUT", status: 200, handled: true },
      ]);
    });

    test("stops a method that is not configured", async ({ visit, answered }) => {
      expect(await call(await visit(app), `${api}/preflights/method`, { method: "DELETE" })).toEqual(nothing);
      expect(answered).toMatchObject([preflight]);
    });

    test("stops a field that is not configured", async ({ visit, answered }) => {
      expect(await call(await visit(app), `${api}/preflights/field`, { headers: { "X-Other": "1" } })).toEqual(nothing);
      expect(answered).toMatchObject([preflight]);
    });

    test("stops an origin that is not listed, with 403", async ({ visit, answered }) => {
      const init = { method: "PUT", headers: { "X-Note": "1" } };
      expect(await call(await visit(foreign), `${api}/preflights/origin`, init)).toEqual(nothing);
      expect(answered).toMatchObject([{ ...preflight, origin: foreign, status: 403 }]);
    });

    test("is answered without credentials where the API needs some", async ({ visit, answered }) => {
      const page = await visit(app);
      await call(page, `${api}/notes`, { credentials: "include" });
      const init: Call = { method: "PUT", headers: { "X-Note": "1" }, credentials: "include" };
      expect(await call(page, `${api}/me`, init)).toMatchObject({ status: 200, body: '{"subject":"alice"}' });
      expect(answered.slice(1)).toMatchObject([
        { ...preflight, cookie: null, status: 204 },
        { method: "PUT", cookie: "session=alice", status: 200 },
      ]);
    });

    test("consumes no quota", async ({ visit, answered }) => {
      const page = await visit(app);
      const url = `${api}/limited/preflights`;
      for (const method of ["DELETE", "PATCH"]) expect(await call(page, url, { method })).toEqual(nothing);
      const seen = await call(page, url, { method: "PUT", headers: { "X-Note": "1" } });
      expect(seen).toMatchObject({ status: 200, fields: { "x-ratelimit-remaining": "1" } });
      expect(answered.map(({ method }) => method)).toEqual(["OPTIONS", "OPTIONS", "OPTIONS", "PUT"]);
    });

    test("is remembered by the browser", async ({ visit, answered }) => {
      const page = await visit(app);
      const init = { method: "PUT", headers: { "X-Note": "1" } };
      for (let round = 0; round < 2; round++)
        expect(await call(page, `${api}/preflights/remembered`, init)).toMatchObject({ status: 200 });
      expect(answered.map(({ method }) => method)).toEqual(["OPTIONS", "PUT", "PUT"]);
    });
  });
}
