import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { httpsUrl } from "../../src/zod.ts";
import { options, timeoutMs } from "../fuzz/support.ts";
import { mistakesOf } from "./support.ts";

describe("httpsUrl()", () => {
  test.each([
    "https://id.example.com",
    "https://id.example.com/",
    "https://id.example.com/tenant/.well-known/jwks.json",
    "https://id.example.com:8443/?version=2",
    "https://xn--bcher-kva.example/",
    "https://203.0.113.7/",
    "https://[2001:db8::1]/",
    "https://id.example.com/@scope/x",
    "http://localhost",
    "http://localhost:3000/jwks",
    "http://127.0.0.1:8080/",
    "http://127.255.255.254/",
    "http://[::1]:8080/",
    "https://localhost:3000/",
  ])("gives %j back as it was, since issuers are compared byte for byte", (text) => {
    expect(httpsUrl().parse(text)).toBe(text);
  });

  test.each([
    "http://id.example.com/",
    "http://localhost.example.com/",
    "http://127.0.0.1.example.com/",
    "http://notlocalhost/",
    "http://10.0.0.1/",
    "http://128.0.0.1/",
    "http://[::2]/",
    "http://0.0.0.0/",
    "ftp://id.example.com/",
    "ws://localhost/",
    "wss://id.example.com/",
    "file:///etc/passwd",
    "data:text/plain,x",
    "javascript:alert(1)",
    "localhost:3000",
  ])("refuses %j: not https", (text) => {
    expect(mistakesOf(httpsUrl(), text)).toEqual(["must be an https URL"]);
  });

  test.each(["", " ", "id.example.com", "//id.example.com", "/jwks", "https://", "https://a b/", "https://[::1/"])(
    "refuses %j: not a URL",
    (text) => {
      expect(mistakesOf(httpsUrl(), text)).toEqual(["is not a URL such as https://id.example.com/"]);
    },
  );

  test.each(["https://user@id.example.com/", "https://user:pass@id.example.com/", "https://:pass@id.example.com/"])(
    "refuses %j: a URL is no place for credentials",
    (text) => {
      expect(mistakesOf(httpsUrl(), text)).toEqual(["has a user name or password: remove it"]);
    },
  );

  test.each(["https://id.example.com/#", "https://id.example.com/#keys", "https://id.example.com/#/"])(
    "refuses %j: a fragment is never sent",
    (text) => {
      expect(mistakesOf(httpsUrl(), text)).toEqual(["has a fragment, which is never sent: remove it"]);
    },
  );

  test.each([
    ["a space before", " https://id.example.com/"],
    ["a space behind", "https://id.example.com/ "],
    ["the line end of a file", "https://id.example.com/\n"],
    ["a line end inside", "https://id.exam\nple.com/"],
    ["a tab inside", "https://id.example.com/\tjwks"],
    ["a control character before", "\u0001https://id.example.com/"],
    ["no slashes", "https:id.example.com/"],
    ["one slash", "https:/id.example.com/"],
    ["three slashes", "https:///id.example.com/"],
    ["an empty user name", "https://@id.example.com/"],
    ["a space that does not break", "https://id.example.com/\u00a0"],
    ["backslashes", "https:\\\\id.example.com\\"],
  ])("refuses %s, which parsers of URLs repair and comparisons do not", (_name, text) => {
    expect(mistakesOf(httpsUrl(), text)).toHaveLength(1);
  });

  test.each([undefined, null, 7, new URL("https://id.example.com/")])("refuses a value that is no text", (value) => {
    expect(
      httpsUrl()
        .safeParse(value)
        .error?.issues.map(({ code }) => code),
    ).toEqual(["invalid_type"]);
  });

  test(
    "accepts only https and this machine, and says one mistake of anything else",
    () => {
      const text = fc.oneof(
        fc.webUrl({ validSchemes: ["https", "http", "ftp"], withQueryParameters: true, withFragments: true }),
        fc.string({ unit: "binary" }),
        fc.string({
          unit: fc.constantFrom("https://", "http://", "localhost", "127.0.0.1", "@", ":", "/", "#", ".a", "\\"),
        }),
      );
      fc.assert(
        fc.property(text, (given) => {
          const result = httpsUrl().safeParse(given);
          if (result.success) expectSafe(given, result.data);
          else expect(result.error.issues).toHaveLength(1);
        }),
        options,
      );
    },
    timeoutMs,
  );
});

function expectSafe(given: string, accepted: string): void {
  expect(accepted).toBe(given);
  const { protocol, hostname, username, password, hash } = new URL(given);
  expect([username, password, hash]).toEqual(["", "", ""]);
  if (protocol !== "https:") expect(hostname).toMatch(/^(localhost|127\.[\d.]+|\[::1\])$/);
}
