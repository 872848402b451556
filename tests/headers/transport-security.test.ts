import { expect, test } from "vitest";
import { policy, type StrictTransportSecurityOptions } from "../../src/index.ts";
import { expectMistake, ok } from "../lib/harness.ts";

const hsts = async (url: string, options?: StrictTransportSecurityOptions): Promise<string | null> => {
  const api = options === undefined ? policy() : policy({ headers: { strictTransportSecurity: options } });
  return (await api(ok)(new Request(url))).headers.get("strict-transport-security");
};

test.each([
  "https://api.example.com/",
  "https://api.example.com:8443/x?y",
  "https://localhost.example.com/",
  "https://notlocalhost/",
  "https://xn--bcher-kva.example/",
])("sends Strict-Transport-Security on %s", async (url) => {
  expect(await hsts(url)).toBe("max-age=63072000");
});

test.each([
  "http://api.example.com/",
  "https://localhost/",
  "https://localhost:3000/",
  "https://localhost./",
  "https://app.localhost/",
  "https://APP.LOCALHOST:3000/",
  "https://127.0.0.1/",
  "https://127.0.0.1:8443/",
  "https://192.0.2.7/",
  "https://0x7f.1/",
  "https://[::1]/",
  "https://[2001:db8::1]:8443/",
])("never sends Strict-Transport-Security on %s", async (url) => {
  expect(await hsts(url)).toBeNull();
});

test.each(["LOCALHOST:3000", "App.Localhost", "[2001:DB8::1]"])(
  "never sends it where the client named %s",
  async (host) => {
    const response = await policy()(ok)(new Request("https://api.example.com/", { headers: { host } }));
    expect(response.headers.get("strict-transport-security")).toBeNull();
  },
);

const values: readonly (readonly [StrictTransportSecurityOptions, string])[] = [
  [{}, "max-age=63072000"],
  [{ maxAgeSeconds: 0 }, "max-age=0"],
  [{ maxAgeSeconds: 315_360_000 }, "max-age=315360000"],
  [{ includeSubDomains: true }, "max-age=63072000; includeSubDomains"],
  [{ includeSubDomains: true, preload: true }, "max-age=63072000; includeSubDomains; preload"],
  [
    { maxAgeSeconds: 31_536_000, includeSubDomains: true, preload: true },
    "max-age=31536000; includeSubDomains; preload",
  ],
  [{ includeSubDomains: false, preload: false }, "max-age=63072000"],
];

test.each(values)("%j gives %s", async (options, expected) => {
  expect(await hsts("https://api.example.com/", options)).toBe(expected);
});

test.each([
  [{ preload: true }],
  [{ preload: true, includeSubDomains: false }],
  [{ preload: true, includeSubDomains: true, maxAgeSeconds: 31_535_999 }],
])("refuses %j, which the preload list would not take", (options) => {
  expectMistake(
    { headers: { strictTransportSecurity: options } },
    "headers.strictTransportSecurity.preload",
    /needs includeSubDomains: true and maxAgeSeconds of at least 31536000/,
  );
});

test.each([-1, 1.5, 315_360_001, Number.NaN, "63072000", null])("refuses maxAgeSeconds: %j", (maxAgeSeconds) => {
  expectMistake(
    { headers: { strictTransportSecurity: { maxAgeSeconds } } },
    "headers.strictTransportSecurity.maxAgeSeconds",
    /whole number of seconds from 0 to 315360000/,
  );
});

test("refuses an option that it does not know", () => {
  expectMistake(
    { headers: { strictTransportSecurity: { maxAge: 1 } } },
    "headers.strictTransportSecurity.maxAge",
    /unknown option.*maxAgeSeconds/,
  );
});

test.each([true, "max-age=1"])("refuses strictTransportSecurity: %j", (value) => {
  expectMistake({ headers: { strictTransportSecurity: value } }, "headers.strictTransportSecurity", /not an object/);
});
