import fc from "fast-check";
import { expect, test } from "vitest";
import { policy } from "../../src/index.ts";
import { fieldOf, options, stopwatch, timeoutMs } from "./support.ts";

const timed = stopwatch("requested fields");
const origin = "https://app.test";
const listed = ["X-A", "x-bc", "Content-Type", "!#$%&'*+-.^_`|~9"];

/** The reference: split, trim, look up. */
function isAcceptable(value: string, allows: (name: string) => boolean): boolean {
  const elements = value.split(",").map((element) => element.replace(/^[ \t]+|[ \t]+$/g, ""));
  if (value.length > 1024 || elements.length > 64) return false;
  const names = elements.filter((element) => element !== "");
  return names.every((name) => /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name) && allows(name.toLowerCase()));
}

const asListed = (name: string): boolean => listed.some((one) => one.toLowerCase() === name);
const policies = [
  { allows: asListed, allowHeaders: listed },
  { allows: (name: string) => name !== "authorization", allowHeaders: ["*"] },
  { allows: () => true, allowHeaders: ["*", "authorization"] },
  { allows: () => false, allowHeaders: [] },
].map(({ allows, allowHeaders }) => ({
  allows,
  fetch: policy({ cors: { origins: [origin], allowHeaders }, headers: false, requestId: false })(
    () => new Response(null),
  ),
}));

const space = fc.constantFrom("", "", "", " ", "\t", " \t ", "\u00a0", "\u000b");
const name = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("x-a", "X-A", "x-bc", "content-TYPE", "!#$%&'*+-.^_`|~9", "") },
  {
    weight: 1,
    arbitrary: fc.constantFrom("authorization", "Authorization", "x-a x-bc", "x-", "x-a;", "*", "\u212a", "x-\u00e9"),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 6 }) },
);
const element = fc.tuple(space, name, space).map((parts) => parts.join(""));
const value = fc.oneof(
  { weight: 4, arbitrary: fc.array(element, { maxLength: 8 }).map((elements) => elements.join(",")) },
  { weight: 1, arbitrary: fc.array(element, { minLength: 50, maxLength: 90 }).map((elements) => elements.join(",")) },
  { weight: 1, arbitrary: fc.nat(80).map((count) => `${",".repeat(count)}x-a`) },
  { weight: 1, arbitrary: fc.integer({ min: 1000, max: 1050 }).map((length) => "x-a,x-bc".padEnd(length, " ,x-a")) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 60 }) },
);

test(
  "a list of requested fields is accepted exactly where a plain reading accepts it",
  async () => {
    const seen = new Set<number>();
    await fc.assert(
      fc.asyncProperty(value, fc.constantFrom(...policies), async (text, { allows, fetch }) => {
        const headers = fieldOf("access-control-request-headers", text);
        if (headers === undefined) return;
        const sent = headers.get("access-control-request-headers") ?? "";
        headers.set("origin", origin);
        headers.set("access-control-request-method", "GET");
        const response = await timed(() => fetch(new Request("https://api.test/", { method: "OPTIONS", headers })));
        seen.add(response.status);
        expect([sent, response.status]).toEqual([sent, isAcceptable(sent, allows) ? 204 : 403]);
        expect(response.headers.has("access-control-allow-origin")).toBe(response.status === 204);
      }),
      options,
    );
    expect([...seen].sort()).toEqual([204, 403]);
  },
  timeoutMs,
);
