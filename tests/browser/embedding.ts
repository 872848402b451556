import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { api, app, bare, foreign, open } from "./sites.ts";
import { test } from "./world.ts";

/** What a page gets by embedding instead of reading. Each is shown to work without a policy. */
export function embeddingTests(): void {
  describe("an image", () => {
    test.for([app, foreign])(
      "does not load into a page of another origin (%s)",
      async (origin, { visit, answered }) => {
        const page = await visit(origin);
        expect(await embed(page, "img", `${bare}/image.svg`)).toBe("load");
        expect(await embed(page, "img", `${api}/image.svg`)).toBe("error");
        expect(answered).toMatchObject([{ path: "/image.svg", status: 200, handled: true }]);
      },
    );

    test('loads from an API with origins: "*"', async ({ visit }) => {
      expect(await embed(await visit(foreign), "img", `${open}/image.svg`)).toBe("load");
    });
  });

  describe("a script", () => {
    test.for([app, foreign])("does not run in a page of another origin (%s)", async (origin, { visit, answered }) => {
      const page = await visit(origin);
      expect(await embed(page, "script", `${api}/script.js`)).toBe("error");
      expect(await scriptRan(page)).toBe(false);
      expect(answered).toMatchObject([{ path: "/script.js", status: 200, handled: true }]);
      expect(await embed(page, "script", `${bare}/script.js`)).toBe("load");
      expect(await scriptRan(page)).toBe(true);
    });

    test("does not run from a response of another type, even where every origin may read", async ({
      visit,
      answered,
    }) => {
      const page = await visit(foreign);
      expect(await embed(page, "script", `${open}/script.json`)).toBe("error");
      expect(await scriptRan(page)).toBe(false);
      expect(answered).toMatchObject([{ path: "/script.json", status: 200, handled: true }]);
      expect(await embed(page, "script", `${bare}/script.json`)).toBe("load");
      expect(await scriptRan(page)).toBe(true);
    });
  });

  describe("a frame", () => {
    test.for([app, foreign])("stays empty in a page of another origin (%s)", async (origin, { visit, answered }) => {
      const page = await visit(origin);
      expect(await framed(page, bare)).toBe(`${bare}/`);
      expect(await framed(page, api)).toBe("chrome-error://chromewebdata/");
      expect(answered).toMatchObject([{ path: "/", status: 200, handled: true }]);
    });
  });
}

/** Whether an element that names a resource loads it. */
function embed(page: Page, tag: "img" | "script", src: string): Promise<string> {
  return page.evaluate(
    (given) =>
      new Promise<string>((resolve) => {
        const element = document.createElement(given.tag);
        for (const type of ["load", "error"]) element.addEventListener(type, () => resolve(type));
        element.setAttribute("src", given.src);
        document.body.append(element);
      }),
    { tag, src },
  );
}

function scriptRan(page: Page): Promise<boolean> {
  return page.evaluate(() => "scriptRan" in globalThis);
}

/** Where a frame ends that was pointed at `url`. */
async function framed(page: Page, url: string): Promise<string> {
  const handle = await page.evaluateHandle(
    (src) =>
      new Promise<HTMLIFrameElement>((resolve) => {
        const frame = document.createElement("iframe");
        frame.addEventListener("load", () => resolve(frame));
        frame.src = src;
        document.body.append(frame);
      }),
    url,
  );
  const frame = await handle.contentFrame();
  return frame?.url() ?? "no frame";
}
