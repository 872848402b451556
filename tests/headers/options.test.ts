import { describe, expect, test } from "vitest";
import { type HeadersOptions, policy } from "../../src/index.ts";
import { expectMistake, get, ok } from "../lib/harness.ts";

const sent = async (headers: HeadersOptions, name: string, response = ok): Promise<string | null> =>
  (await policy({ headers })(response)(get())).headers.get(name);

const choices: readonly (readonly [option: keyof HeadersOptions, field: string, values: readonly string[]])[] = [
  ["contentTypeOptions", "x-content-type-options", ["nosniff"]],
  ["frameOptions", "x-frame-options", ["DENY", "SAMEORIGIN"]],
  [
    "referrerPolicy",
    "referrer-policy",
    [
      "no-referrer",
      "no-referrer-when-downgrade",
      "origin",
      "origin-when-cross-origin",
      "same-origin",
      "strict-origin",
      "strict-origin-when-cross-origin",
      "unsafe-url",
    ],
  ],
  ["crossOriginResourcePolicy", "cross-origin-resource-policy", ["same-origin", "same-site", "cross-origin"]],
  [
    "crossOriginOpenerPolicy",
    "cross-origin-opener-policy",
    ["same-origin", "same-origin-allow-popups", "noopener-allow-popups", "unsafe-none"],
  ],
  ["crossOriginEmbedderPolicy", "cross-origin-embedder-policy", ["require-corp", "credentialless", "unsafe-none"]],
];

describe.each(choices)("%s", (option, field, values) => {
  test.each(values)(`sends ${field}: %s`, async (value) => {
    expect(await sent({ [option]: value }, field)).toBe(value);
  });

  test("false leaves the field out", async () => {
    expect(await sent({ [option]: false }, field)).toBeNull();
  });

  test.each([["nonsense"], [true], [null], [1], [[values[0]]]])("refuses %j", (value) => {
    expectMistake({ headers: { [option]: value } }, `headers.${option}`, /must be one of/);
  });
});

test.each([
  "contentSecurityPolicy",
  "strictTransportSecurity",
  "cacheControl",
  "permissionsPolicy",
  "reportingEndpoints",
])("%s: false leaves its field out", async (option) => {
  const field = option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  expect(await sent({ [option]: false }, field)).toBeNull();
});

const everyField = {
  "content-security-policy": "default-src 'self'",
  "x-content-type-options": "handler",
  "x-frame-options": "SAMEORIGIN",
  "referrer-policy": "origin",
  "cross-origin-resource-policy": "same-site",
  "cache-control": "max-age=60",
  "strict-transport-security": "max-age=1",
  "permissions-policy": "camera=(self)",
  "cross-origin-opener-policy": "unsafe-none",
  "cross-origin-embedder-policy": "unsafe-none",
  "reporting-endpoints": 'x="https://other.example.com/"',
  "timing-allow-origin": "https://one.example.com",
  "x-extra": "handler",
};

test.each(Object.entries(everyField))("a handler's own %s wins", async (name, value) => {
  const api = policy({
    cors: { origins: "*" },
    headers: {
      permissionsPolicy: { camera: false },
      crossOriginOpenerPolicy: "same-origin",
      crossOriginEmbedderPolicy: "require-corp",
      reportingEndpoints: { main: "https://reports.example.com/" },
      timingAllowOrigin: true,
      extra: { "X-Extra": "policy" },
    },
  });
  const answered = await api(() => Response.json({}, { headers: { [name]: value } }))(get());
  expect(answered.headers.get(name)).toBe(value);
  const plain = await api(ok)(get());
  expect(plain.headers.get(name)).not.toBe(value);
  expect(plain.headers.has(name)).toBe(true);
});

test("takes Server and X-Powered-By off by default", async () => {
  const { headers } = await policy()(() =>
    Response.json({}, { headers: { Server: "nginx/1.2.3", "X-Powered-By": "Express", "X-Other": "1" } }),
  )(get());
  expect(headers.get("server")).toBeNull();
  expect(headers.get("x-powered-by")).toBeNull();
  expect(headers.get("x-other")).toBe("1");
});

test("a field that is taken off may be the policy's own", async () => {
  const api = policy({ headers: { extra: { "X-Powered-By": "us" } } });
  const { headers } = await api(() => Response.json({}, { headers: { "X-Powered-By": "Express" } }))(get());
  expect(headers.get("x-powered-by")).toBe("us");
});

test("headers.remove replaces the default list, whatever the case", async () => {
  const { headers } = await policy({ headers: { remove: ["X-VERSION"] } })(() =>
    Response.json({}, { headers: { Server: "s", "x-version": "7" } }),
  )(get());
  expect(headers.get("x-version")).toBeNull();
  expect(headers.get("server")).toBe("s");
});

test.each(["Vary", "Access-Control-Allow-Origin"])("refuses to remove %s", (name) => {
  expectMistake({ headers: { remove: [name] } }, "headers.remove", /must stay/);
});

test("refuses to remove what is no field name", () => {
  expectMistake({ headers: { remove: ["a b"] } }, "headers.remove", /not a field name/);
  expectMistake({ headers: { remove: "server" } }, "headers.remove", /list of strings/);
});

test("refuses an unknown option and names the known ones", () => {
  expectMistake({ headers: { hsts: true } }, "headers.hsts", /unknown option.*strictTransportSecurity/);
});

test.each([[true], ["on"], [1], [[]]])("refuses headers: %j", (value) => {
  expectMistake({ headers: value }, "headers", /not an object of options/);
});
