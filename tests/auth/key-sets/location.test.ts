import { describe, expect, test } from "vitest";
import { makeKey } from "../identity-provider/identity-provider.ts";
import { mistakesIn } from "./mistakes.ts";

describe("a URL", () => {
  test.each([
    "https://id.example.com/.well-known/jwks.json",
    "https://id.example.com:8443/keys?tenant=1",
    "http://localhost:8080/jwks",
    "http://127.0.0.1/jwks",
    "http://127.8.9.1/jwks",
    "http://[::1]:80/jwks",
  ])("may be %s, as a text or a URL", (url) => {
    expect(mistakesIn(url)).toEqual([]);
    expect(mistakesIn(new URL(url))).toEqual([]);
  });

  test.each<readonly [string, RegExp]>([
    ["http://id.example.com/jwks", /must be an https URL: keys/],
    ["http://localhost.example.com/jwks", /must be an https URL: keys/],
    ["http://10.0.0.1/jwks", /must be an https URL: keys/],
    ["ftp://id.example.com/jwks", /must be an https URL: keys/],
    ["file:///etc/jwks.json", /must be an https URL: keys/],
    ["data:application/json,{}", /must be an https URL: keys/],
    ["/jwks.json", /must be an https URL such as/],
    ["", /must be an https URL such as/],
    ["https://user:hunter2@id.example.com/jwks", /user name or password/],
    ["https://id.example.com/jwks#keys", /fragment/],
  ])("must not be %j", (url, message) => {
    const mistakes = mistakesIn(url);
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(message);
    expect(mistakes[0]).toMatch(/^jwt\.jwks: /);
    expect(mistakes[0]).not.toContain("hunter2");
  });

  test.each<readonly [string, unknown, RegExp]>([
    ["staleIfErrorSeconds", -1, /whole number of seconds from 0 to 86400/],
    ["staleIfErrorSeconds", 86_401, /from 0 to 86400/],
    ["staleIfErrorSeconds", "3600", /from 0 to 86400/],
    ["keySetCache", {}, /functions get and set/],
    ["keySetCache", null, /functions get and set/],
    ["keySetCache", { get: () => undefined }, /functions get and set/],
  ])("%s must not be %o", (key, value, message) => {
    const mistakes = mistakesIn("https://id.example.com/jwks", { [key]: value });
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(message);
    expect(mistakes[0]).toMatch(new RegExp(`^jwt\\.${key}: `));
  });

  test("only has a cache and a time to be stale", async () => {
    const { jwk } = await makeKey("a", "ES256");
    const keySetCache = { get: () => undefined, set: () => undefined };
    expect(mistakesIn({ keys: [jwk] }, { staleIfErrorSeconds: 60, keySetCache })).toEqual([
      "jwt.staleIfErrorSeconds: is for keys behind a URL: leave it out where the keys are given",
      "jwt.keySetCache: is for keys behind a URL: leave it out where the keys are given",
    ]);
  });
});
