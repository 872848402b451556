import { expect, test } from "vitest";
import { policy } from "../../src/index.ts";
import { expectMistake, get, ok, recorder } from "../lib/harness.ts";

test("extra fields go over every response, refusals too", async () => {
  const api = policy({ headers: { extra: { "X-Api-Version": "7", Sunset: "Sat, 31 Dec 2033 23:59:59 GMT" } } });
  for (const request of [get(), new Request("https://a.example/", { method: "POST", headers: { origin: "null" } })]) {
    const { headers } = await api(ok)(request);
    expect(headers.get("x-api-version")).toBe("7");
    expect(headers.get("sunset")).toBe("Sat, 31 Dec 2033 23:59:59 GMT");
  }
});

test.each(["Public-Key-Pins", "Public-Key-Pins-Report-Only", "Expect-CT", "Report-To", "NEL"])("refuses %s", (name) => {
  expectMistake({ headers: { extra: { [name]: "max-age=1" } } }, "headers.extra", /must not be sent/);
});

test.each([
  ["Cache-Control", /headers\.cacheControl/],
  ["Content-Security-Policy", /headers\.contentSecurityPolicy/],
  ["Cross-Origin-Embedder-Policy", /headers\.crossOriginEmbedderPolicy/],
  ["Cross-Origin-Opener-Policy", /headers\.crossOriginOpenerPolicy/],
  ["Cross-Origin-Resource-Policy", /headers\.crossOriginResourcePolicy/],
  ["Permissions-Policy", /headers\.permissionsPolicy/],
  ["Referrer-Policy", /headers\.referrerPolicy/],
  ["Reporting-Endpoints", /headers\.reportingEndpoints/],
  ["Strict-Transport-Security", /headers\.strictTransportSecurity/],
  ["Timing-Allow-Origin", /headers\.timingAllowOrigin/],
  ["X-Content-Type-Options", /headers\.contentTypeOptions/],
  ["X-Frame-Options", /headers\.frameOptions/],
  ["Access-Control-Allow-Origin", /cors/],
  ["access-control-allow-private-network", /cors/],
  ["Connection", /the server/],
  ["Content-Length", /the server/],
  ["Transfer-Encoding", /the server/],
  ["Content-Type", /handler/],
  ["Set-Cookie", /handler/],
  ["Vary", /handler/],
  ["RateLimit", /rateLimit/],
  ["RateLimit-Policy", /rateLimit/],
  ["X-RateLimit-Limit", /rateLimit/],
  ["X-RateLimit-Remaining", /rateLimit/],
  ["X-RateLimit-Reset", /rateLimit/],
  ["X-Request-ID", /requestId/],
])("refuses %s, which another part writes, and says which", (name, message) => {
  expectMistake({ headers: { extra: { [name]: "x" } } }, "headers.extra", message);
});

test.each(["a\nb", "a\r\nSet-Cookie: x=1", "a\0b", " a", "a ", "", "snow☃man", "\x7f"])(
  "refuses the value %j",
  (value) => {
    expectMistake({ headers: { extra: { "X-A": value } } }, "headers.extra", /not a field value/);
  },
);

test.each([1, true, null, ["a"]])("refuses the value %j, which is no string", (value) => {
  expectMistake({ headers: { extra: { "X-A": value } } }, "headers.extra", /not a field value/);
});

test.each(["", "a b", "ä", "a:", "a\n"])("refuses the name %j", (name) => {
  expectMistake({ headers: { extra: { [name]: "x" } } }, "headers.extra", /not a field name/);
});

test("refuses X-XSS-Protection: 1", () => {
  expectMistake({ headers: { extra: { "X-XSS-Protection": "1; mode=block" } } }, "headers.extra", /only "0"/);
});

test.each([
  ["X-XSS-Protection", "0"],
  ["X-Download-Options", "noopen"],
  ["X-DNS-Prefetch-Control", "off"],
  ["X-Permitted-Cross-Domain-Policies", "none"],
  ["Pragma", "no-cache"],
  ["Expires", "0"],
])("sends the obsolete %s, with a warning at construction that says why it is not needed", async (name, value) => {
  const { events, onEvent } = recorder();
  const api = policy({ headers: { extra: { [name]: value } }, onEvent });
  expect(events).toEqual([
    { type: "warning", code: "obsolete_field", message: expect.stringMatching(`${name}, which is not needed: .+`) },
  ]);
  expect((await api(ok)(get())).headers.get(name)).toBe(value);
});

test("Latin-1 in a value is sent as it is", async () => {
  const { headers } = await policy({ headers: { extra: { "X-A": "caf\xe9" } } })(ok)(get());
  expect(headers.get("x-a")).toBe("caf\xe9");
});
