import { expect, test } from "vitest";
import { type ContentSecurityPolicyOptions, policy } from "../../src/index.ts";
import { expectMistake, get, ok } from "../lib/harness.ts";

const at = "headers.contentSecurityPolicy";
const none = ["'none'"] as const;

const csp = async (options: ContentSecurityPolicyOptions): Promise<string | null> =>
  (
    await policy({
      headers: { contentSecurityPolicy: options, reportingEndpoints: { csp: "https://r.example.com/" } },
    })(ok)(get())
  ).headers.get("content-security-policy");

const refuse = (options: object, key: string, message: RegExp): void =>
  expectMistake({ headers: { contentSecurityPolicy: { defaultSrc: none, ...options } } }, `${at}.${key}`, message);

const texts: readonly (readonly [ContentSecurityPolicyOptions, string])[] = [
  [{ defaultSrc: none }, "default-src 'none'"],
  [{ frameAncestors: none, defaultSrc: ["'self'"] }, "default-src 'self'; frame-ancestors 'none'"],
  [
    { defaultSrc: none, scriptSrcElem: ["'self'", "https://cdn.example.com", "'sha256-abc='"] },
    "default-src 'none'; script-src-elem 'self' https://cdn.example.com 'sha256-abc='",
  ],
  [{ defaultSrc: none, sandbox: [] }, "default-src 'none'; sandbox"],
  [{ defaultSrc: none, sandbox: ["allow-forms"] }, "default-src 'none'; sandbox allow-forms"],
  [{ defaultSrc: none, upgradeInsecureRequests: true }, "default-src 'none'; upgrade-insecure-requests"],
  [{ defaultSrc: none, reportTo: "csp" }, "default-src 'none'; report-to csp"],
  [{ defaultSrc: none, reportUri: ["/csp"] }, "default-src 'none'; report-uri /csp"],
  [
    { defaultSrc: none, requireTrustedTypesFor: ["'script'"], trustedTypes: ["app"] },
    "default-src 'none'; require-trusted-types-for 'script'; trusted-types app",
  ],
];

test.each(texts)("%j gives %s", async (options, text) => {
  expect(await csp(options)).toBe(text);
});

test.each([
  "self",
  "none",
  "SELF",
  "unsafe-inline",
  "unsafe-eval",
  "wasm-unsafe-eval",
  "strict-dynamic",
  "report-sample",
  "sha256-abc=",
])("refuses the unquoted keyword %s and says how to quote it", (source) => {
  refuse({ scriptSrc: [source] }, "scriptSrc", new RegExp(`write "'${source}'"`));
});

test.each(["a;script-src *", "a b", "a,b", "a\nb", "a\rb", "", "bücher.example", "a\tb"])(
  "refuses the source %j, which is more than one value",
  (source) => {
    refuse({ imgSrc: [source] }, "imgSrc", /not one value/);
  },
);

test.each(["sandbox", "reportUri", "trustedTypes", "requireTrustedTypesFor"])("refuses ; in %s", (key) => {
  refuse({ [key]: ["a;script-src *"] }, key, /not one value/);
});

test("refuses requireTrustedTypesFor without the quotes", () => {
  refuse({ requireTrustedTypesFor: ["script"] }, "requireTrustedTypesFor", /'script'/);
});

test("refuses an unknown directive and names the known ones", () => {
  refuse({ scriptSource: none }, "scriptSource", /unknown option.*scriptSrc/);
  refuse({ "script-src": none }, "script-src", /unknown option.*scriptSrc/);
});

test("refuses an empty list, which reads as everything to people", () => {
  refuse({ scriptSrc: [] }, "scriptSrc", /write \["'none'"\]/);
});

test("refuses 'none' beside other sources", () => {
  refuse({ scriptSrc: ["'none'", "https://a.example"] }, "scriptSrc", /'none' beside other sources/);
});

test("refuses a policy without defaultSrc", () => {
  expectMistake({ headers: { contentSecurityPolicy: { scriptSrc: none } } }, `${at}.defaultSrc`, /is missing/);
});

test("refuses a nonce, which would be the same in every response", () => {
  refuse({ scriptSrc: ["'nonce-abc'"] }, "scriptSrc", /must be new for each response/);
});

test("refuses a reportTo that names no endpoint", () => {
  refuse({ reportTo: "csp" }, "reportTo", /name it in headers.reportingEndpoints/);
});

test.each([false, "yes", 1])("refuses upgradeInsecureRequests: %j", (value) => {
  refuse({ upgradeInsecureRequests: value }, "upgradeInsecureRequests", /one of true/);
});

test.each(["'self'", [1], {}])("refuses the sources %j, which are no list of strings", (value) => {
  refuse({ scriptSrc: value }, "scriptSrc", /list of strings/);
});
