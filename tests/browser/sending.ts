import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { api, app, foreign, neighbour, open, partner } from "./sites.ts";
import { type Call, call, nothing, test } from "./world.ts";

/** A request that a form can send too: no preflight protects from it. */
const simplePost: Call = {
  method: "POST",
  body: "amount=1000",
  headers: { "Content-Type": "application/x-www-form-urlencoded" },
  credentials: "include",
};

/** Who may change state. */
export function sendingTests(): void {
  describe("a POST without a preflight", () => {
    test.for([app, partner])("from a listed origin reaches the handler (%s)", async (origin, { visit, answered }) => {
      expect(await call(await visit(origin), `${api}/notes`, simplePost)).toMatchObject({ status: 200 });
      expect(answered).toMatchObject([{ method: "POST", origin, status: 200, handled: true }]);
    });

    test.for([foreign, neighbour])(
      "from another is refused, with the user's cookie (%s)",
      async (origin, { visit, answered }) => {
        await call(await visit(app), `${api}/notes`, { credentials: "include" });
        expect(await call(await visit(origin), `${api}/notes`, simplePost)).toEqual(nothing);
        expect(answered.slice(1)).toMatchObject([
          { method: "POST", origin, cookie: "session=alice", status: 403, handled: false },
        ]);
      },
    );

    test("in no-cors mode is refused", async ({ visit, answered }) => {
      const init: Call = { ...simplePost, mode: "no-cors" };
      await call(await visit(foreign), `${api}/notes`, init);
      expect(answered).toMatchObject([{ method: "POST", origin: foreign, status: 403, handled: false }]);
    });

    test("by a form on a foreign page is refused", async ({ visit, answered }) => {
      await call(await visit(app), `${api}/notes`, { credentials: "include" });
      const page = await visit(foreign);
      const [response] = await Promise.all([
        page.waitForResponse(`${api}/notes`),
        page.evaluate((action) => {
          const form = document.createElement("form");
          Object.assign(form, { action, method: "POST" });
          document.body.append(form);
          form.submit();
        }, `${api}/notes`),
      ]);
      expect(response.status()).toBe(403);
      expect(answered.slice(1)).toMatchObject([
        { method: "POST", origin: foreign, cookie: "session=alice", status: 403, handled: false },
      ]);
    });

    test('reaches an API with origins: "*" from anywhere, unless it comes with cookies', async ({
      visit,
      answered,
    }) => {
      const page = await visit(foreign);
      expect(await call(page, `${open}/notes`, { method: "POST", body: "x" })).toMatchObject({ status: 200 });
      await call(page, `${open}/notes`, { credentials: "include" });
      expect(await call(page, `${open}/notes`, simplePost)).toEqual(nothing);
      expect(answered.filter(({ method }) => method === "POST")).toMatchObject([
        { cookie: null, status: 200, handled: true },
        { cookie: "session=alice", status: 403, handled: false },
      ]);
    });
  });

  describe("a WebSocket handshake", () => {
    test("from a listed origin reaches the handler", async ({ visit, answered }) => {
      await openWebSocket(await visit(app));
      expect(answered).toMatchObject([{ method: "GET", path: "/socket", origin: app, handled: true }]);
    });

    test("from another is refused, with the user's cookie", async ({ visit, answered }) => {
      await call(await visit(app), `${api}/notes`, { credentials: "include" });
      await openWebSocket(await visit(foreign));
      expect(answered.slice(1)).toMatchObject([
        { method: "GET", path: "/socket", origin: foreign, cookie: "session=alice", status: 403, handled: false },
      ]);
    });
  });
}

/** Waits for the end of a handshake. No handler here switches protocols, so that it always fails in the end. */
function openWebSocket(page: Page): Promise<void> {
  return page.evaluate(
    (url) =>
      new Promise<void>((resolve) => {
        new WebSocket(url).addEventListener("close", () => resolve());
      }),
    `${api.replace("https:", "wss:")}/socket`,
  );
}
