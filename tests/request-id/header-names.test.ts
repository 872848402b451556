import { expect, test } from "vitest";
import { mistakesIn } from "../lib/harness.ts";

test.each([
  "Set-Cookie",
  "Location",
  "Content-Security-Policy",
  "Content-Type",
  "Content-Length",
  "Content-Encoding",
  "Cache-Control",
  "Vary",
  "WWW-Authenticate",
  "Retry-After",
  "Allow",
  "RateLimit",
  "X-RateLimit-Limit",
  "Access-Control-Allow-Origin",
  "NEL",
  "not a name",
])("an id that a client may choose is never sent as %s", (header) => {
  const mistakes = mistakesIn({ requestId: { header, inbound: "accept" } });
  expect(mistakes).toHaveLength(1);
  expect(mistakes[0]).toMatch(/^requestId\.header: "/);
});

test.each(["X-Request-ID", "x-request-id", "Request-Id", "X-Correlation-ID", "X-Amzn-Trace-Id", "constructor"])(
  "an id may be sent as %s",
  (header) => {
    expect(mistakesIn({ requestId: { header } })).toEqual([]);
  },
);

test("a further field may be there once, in whatever case", () => {
  expect(mistakesIn({ headers: { extra: { "X-Foo": "1", "x-foo": "2" } } })).toEqual([
    expect.stringMatching(/^headers\.extra: "x-foo": is there twice/),
  ]);
  expect(mistakesIn({ headers: { extra: { constructor: "1" } } })).toEqual([]);
});
