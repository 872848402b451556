import { describe, expect, test } from "vitest";
import { policy } from "../../src/index.ts";
import { accessControl, app, hello, preflightFrom } from "./support.ts";

const api = policy({ cors: { origins: [app], allowHeaders: ["X-Foo", "x-bar", "Content-Type"] } });

async function statusFor(requestHeaders: string): Promise<number> {
  const response = await api(hello)(preflightFrom(app, "GET", requestHeaders));
  if (response.status !== 204) expect(accessControl(response)).toEqual({});
  return response.status;
}

describe("Access-Control-Request-Headers", () => {
  test.each([
    ["one name", "x-foo"],
    ["names as browsers send them", "content-type,x-bar,x-foo"],
    ["names in another order, more than once", "x-foo,content-type,x-foo"],
    ["names in other cases", "X-FOO,X-bAr,CONTENT-TYPE"],
    ["white space, however much", "x-foo \t , \t x-bar\t\t,  content-type"],
    ["empty elements", ",,x-foo,,x-bar,,"],
    ["an empty list", ""],
    ["64 elements", `${",".repeat(63)}x-foo`],
    ["1024 bytes", `x-foo${" ".repeat(1024 - 10)}x-bar`.replace(/ {2}x-bar$/, " ,x-bar")],
  ])("may be %s", async (_, value) => {
    expect(value.length).toBeLessThanOrEqual(1024);
    expect(await statusFor(value)).toBe(204);
  });

  test.each([
    ["a name that is not listed", "x-foo,x-qux"],
    ["a name that only begins like a listed one", "x-foobar"],
    ["a listed name with a space in it", "x-foo x-bar"],
    ["names separated by semicolons", "x-foo;x-bar"],
    ["a quoted name", '"x-foo"'],
    ["a name that is no token", "x-foo:"],
    ["characters beyond ASCII", "x-foo,x-\u00e9"],
    ["a Kelvin-like look-alike in Latin-1", "x-\u00f8oo"],
    ["65 elements", `${",".repeat(64)}x-foo`],
    ["1025 bytes", `x-foo,${" ".repeat(1025 - 11)}x-bar`],
    ["a star", "*"],
  ])("is refused with %s", async (_, value) => {
    expect(await statusFor(value)).toBe(403);
  });

  test("may be split over several lines", async () => {
    const request = preflightFrom(app, "GET", "x-bar");
    request.headers.append("access-control-request-headers", "x-foo");
    expect((await api(hello)(request)).status).toBe(204);
    request.headers.append("access-control-request-headers", "x-qux");
    expect((await api(hello)(request)).status).toBe(403);
  });

  test("may be empty where no field is allowed, and no list is sent then", async () => {
    const none = policy({ cors: { origins: [app], allowHeaders: [] } });
    const response = await none(hello)(preflightFrom(app, "GET", ""));
    expect(response.status).toBe(204);
    expect(response.headers.has("access-control-allow-headers")).toBe(false);
    expect((await none(hello)(preflightFrom(app, "GET", "x-foo"))).status).toBe(403);
  });

  test("costs no noticeable time when it is long: a mebibyte of commas is refused", async () => {
    expect(await statusFor(",".repeat(1 << 20))).toBe(403);
  });
});
