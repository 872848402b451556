import type { Frame, Page } from "playwright-core";
import { describe, expect } from "vitest";
import { api, app, foreign, neighbour, open, partner } from "./sites.ts";
import { type Call, call, nothing, test } from "./world.ts";

const withCookies: Call = { credentials: "include" };

/** Who may read what. */
export function readingTests(): void {
  describe("a page of a listed origin", () => {
    test("reads the body and the exposed fields of a response, and no other field", async ({ visit }) => {
      const seen = await call(await visit(app), `${api}/notes`);
      expect(seen).toMatchObject({ status: 200, body: '{"note":"for listed eyes"}' });
      const fields = "fields" in seen ? Object.keys(seen.fields) : [];
      expect(fields.filter((name) => name !== "content-length").sort()).toEqual([
        "cache-control",
        "content-type",
        "etag",
        "link",
        "x-request-id",
      ]);
    });

    test("reads how much of its quota is left", async ({ visit }) => {
      expect(await call(await visit(app), `${api}/limited/readable`)).toMatchObject({
        status: 200,
        fields: {
          "ratelimit-policy": '"default";q=2;w=60',
          ratelimit: expect.stringMatching(/^"default";r=1;t=\d+$/),
          "x-ratelimit-limit": "2",
          "x-ratelimit-remaining": "1",
          "x-ratelimit-reset": expect.stringMatching(/^\d+$/),
        },
      });
    });

    test("gets a cookie from another site and sends it back when it asks for credentials", async ({
      visit,
      answered,
    }) => {
      const page = await visit(partner);
      expect(await call(page, `${api}/notes`, withCookies)).toMatchObject({ status: 200 });
      expect(await call(page, `${api}/me`, withCookies)).toMatchObject({ status: 200, body: '{"subject":"alice"}' });
      expect(await call(page, `${api}/me`)).toMatchObject({ status: 401 });
      expect(answered.map(({ cookie }) => cookie)).toEqual([null, "session=alice", null]);
    });
  });

  describe("a page of an origin that is not listed", () => {
    test.for([foreign, neighbour])("reads nothing (%s)", async (origin, { visit, answered }) => {
      expect(await call(await visit(origin), `${api}/notes`)).toEqual(nothing);
      expect(answered).toMatchObject([{ origin, status: 200, handled: true }]);
    });

    test.for([foreign, neighbour])("reads nothing with the user's cookie (%s)", async (origin, { visit, answered }) => {
      await call(await visit(app), `${api}/notes`, withCookies);
      expect(await call(await visit(origin), `${api}/me`, withCookies)).toEqual(nothing);
      expect(answered.at(-1)).toMatchObject({ origin, cookie: "session=alice", status: 200, handled: true });
    });

    test("reads nothing from a sandbox, whose origin is null", async ({ visit, answered }) => {
      const page = await visit(app);
      const frame = await sandbox(page);
      expect(await call(frame, `${api}/notes`)).toEqual(nothing);
      expect(await call(frame, `${open}/notes`)).toMatchObject({ status: 200 });
      expect(answered).toMatchObject([
        { origin: "null", status: 200 },
        { origin: "null", status: 200 },
      ]);
    });
  });

  describe('an API with origins: "*"', () => {
    test("is read by a page of any origin", async ({ visit }) => {
      expect(await call(await visit(foreign), `${open}/notes`)).toMatchObject({
        status: 200,
        fields: { "x-request-id": expect.any(String), etag: '"1"' },
        body: '{"note":"for listed eyes"}',
      });
    });

    test("is not read with credentials", async ({ visit, answered }) => {
      expect(await call(await visit(foreign), `${open}/notes`, withCookies)).toEqual(nothing);
      expect(answered).toMatchObject([{ status: 200, handled: true }]);
    });
  });
}

/** A frame that may run scripts and belongs to no origin. */
async function sandbox(page: Page): Promise<Frame> {
  const handle = await page.evaluateHandle(() => {
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-scripts");
    frame.srcdoc = "a sandbox";
    document.body.append(frame);
    return frame;
  });
  const frame = await handle.contentFrame();
  if (frame === null) throw new Error("the frame is gone");
  await frame.waitForLoadState();
  return frame;
}
