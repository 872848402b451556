import type { Frame, Page } from "playwright-core";
import { test as base, expect } from "vitest";
import { launchChromium } from "./chromium.ts";
import { listen } from "./server.ts";
import { type Answered, createSites } from "./sites.ts";

const answers: Answered[] = [];

/**
 * `answered` is what the APIs answered in this test; `visit` opens a page of an origin. The pages of a test share
 * cookies, with no other test. What the browser remembers of preflights it keeps, so each test has paths of its own.
 */
export const test = base
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of fixtures from this pattern
  .extend("server", { scope: "file" }, async ({}, { onCleanup }) => {
    const server = await listen(createSites(answers));
    onCleanup(server.close);
    return server;
  })
  .extend("browser", { scope: "file" }, async ({ server }, { onCleanup }) => {
    const { context, close } = await launchChromium(server.port);
    onCleanup(close);
    return context;
  })
  .extend("visit", async ({ browser }, { onCleanup }) => {
    const pages: Page[] = [];
    onCleanup(async () => {
      await Promise.all(pages.map((page) => page.close()));
      await browser.clearCookies();
    });
    return async (origin: string): Promise<Page> => {
      const page = await browser.newPage();
      pages.push(page);
      await page.goto(origin);
      return page;
    };
  })
  .extend("answered", () => {
    answers.length = 0;
    return answers;
  });

/** What these tests ask of `fetch`. */
export interface Call {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly credentials?: "include";
  readonly mode?: "no-cors";
}

/** What a script got to see of a response. */
export interface Seen {
  readonly status: number;
  readonly fields: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A script that got to see nothing, not even a status. */
export const nothing = { rejected: "TypeError" };

/** Fetches as a script of the page does. */
export function call(page: Page | Frame, url: string, init: Call = {}): Promise<Seen | typeof nothing> {
  return page.evaluate(
    async (given) => {
      try {
        const response = await fetch(given.url, given.init);
        return {
          status: response.status,
          fields: Object.fromEntries(response.headers),
          body: await response.text(),
        };
      } catch (error) {
        return { rejected: error instanceof Error ? error.name : String(error) };
      }
    },
    { url, init },
  );
}

/** What a script reads of a problem with this status and code. */
export function readableProblem(status: number, code: string): object {
  return {
    status,
    fields: { "content-type": "application/problem+json", "x-request-id": expect.stringMatching(/^[0-9a-f-]{36}$/) },
    body: expect.stringContaining(`"code":"${code}"`),
  };
}
