import { describe, expect, test } from "vitest";
import { base64url, claims, expectAccepted, expectRefused, header, hmac, secret, token } from "./support.ts";

const good = await token();
const [head = "", payload = "", signature = ""] = good.split(".");

test("a good token is accepted", async () => {
  expect(await expectAccepted(good)).toMatchObject({ method: "jwt", subject: "ann" });
});

describe("what is not three segments of base64url is malformed", () => {
  test.each([
    ["one segment", "abc"],
    ["two segments", `${head}.${payload}`],
    ["a stripped signature", `${head}.${payload}.`],
    ["no header", `.${payload}.${signature}`],
    ["no payload", `${head}..${signature}`],
    ["only dots", ".."],
    ["four segments", `${good}.x`],
    ["a dot behind", `${good}.`],
    ["five segments, as an encrypted token has", `${head}.${payload}.${signature}.${payload}.${signature}`],
    ["padding behind the signature", `${good}=`],
    ["the alphabet of plain base64", `${head}.${payload}.${signature.slice(0, -2)}+/`],
    ["tildes", `${head}.${payload}.${signature.slice(0, -1)}~`],
    ["a length that no bytes have", `${head}.${payload}.${signature}AA`],
  ])("%s", async (_name, text) => {
    await expectRefused(text, "malformed_token");
  });

  test("bits that stand for nothing: each other spelling of the same bytes", async () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (const [index, segment] of [head, payload, signature].entries()) {
      for (const last of alphabet) {
        const spelled = segment.slice(0, -1) + last;
        if (segment === spelled || !Buffer.from(spelled, "base64url").equals(Buffer.from(segment, "base64url")))
          continue;
        const segments = [head, payload, signature];
        segments[index] = spelled;
        await expectRefused(segments.join("."), "malformed_token");
      }
    }
    expect(signature.length % 4).toBe(3); // so that there were such spellings
  });

  test("bits that stand for nothing in what was signed with them", async () => {
    for (const [spelled, plain] of [
      ["e30".replace("0", "1"), "e30"],
      ["AB", "AA"],
    ] as const) {
      expect(Buffer.from(spelled, "base64url")).toEqual(Buffer.from(plain, "base64url"));
      const input = `${base64url(JSON.stringify(header))}.${spelled}`;
      await expectRefused(`${input}.${base64url(await hmac(secret)(input))}`, "malformed_token");
    }
  });
});

describe("the size", () => {
  async function ofLength(length: number): Promise<string> {
    for (let fill = length; fill > 0; fill--) {
      const text = await token(claims({ fill: "x".repeat(Math.floor((fill * 3) / 4)) }));
      if (text.length <= length) return text;
      fill -= Math.max(0, text.length - length - 8);
    }
    return "";
  }

  test("of 8 KiB is accepted, and one byte more is not", async () => {
    const longest = await ofLength(8192);
    expect(longest.length).toBeGreaterThan(8188);
    await expectAccepted(longest);
    await expectRefused("x".repeat(8193), "token_too_long");
    await expectRefused("x".repeat(8192), "malformed_token");
    await expectRefused(await token(claims({ fill: "x".repeat(8192) })), "token_too_long");
  });

  test("of 1 MiB costs no signature check", async () => {
    await expectRefused(await token(claims({ fill: "x".repeat(1_048_576) })), "token_too_long");
  });
});

describe("the payload is one JSON object in UTF-8", () => {
  test.each([
    ["text", '"text"'],
    ["null", "null"],
    ["a number", "1"],
    ["a list", `[${JSON.stringify(claims())}]`],
    ["no JSON", "not JSON"],
    ["a nested token", good],
    ["an object and more", `${JSON.stringify(claims())}{}`],
    ["a byte order mark", `\ufeff${JSON.stringify(claims())}`],
    ["a NUL", `${JSON.stringify(claims())}\0`],
    ["one claim twice", JSON.stringify(claims()).replace("{", `{"sub":"eve",`)],
    ["one claim twice, once with an escape", JSON.stringify(claims()).replace("{", `{"s\\u0075b":"eve",`)],
    ["one member of a claim twice", JSON.stringify(claims({ org: 1 })).replace('"org":1', '"org":{"a":1,"a":2}')],
    ["a number that is infinite", JSON.stringify(claims()).replace("{", '{"n":1e400,')],
    ["an expiry that is infinite", JSON.stringify(claims()).replace(/"exp":\d+/, '"exp":1e400')],
    ["__proto__", JSON.stringify(claims()).replace("{", '{"__proto__":{"admin":true},')],
    ["__proto__ in a claim", JSON.stringify(claims({ a: 1 })).replace('"a":1', '"a":[{"__proto__":1}]')],
    ["a way to a prototype", JSON.stringify(claims()).replace("{", '{"constructor":{"prototype":{}},')],
    ["half of a surrogate pair", JSON.stringify(claims()).replace("{", '{"a":"\\ud800",')],
    [
      "20000 nested lists",
      JSON.stringify(claims({ a: 1 })).replace('"a":1', `"a":${"[".repeat(2700)}${"]".repeat(2700)}`),
    ],
  ])("%s", async (_name, text) => {
    await expectRefused(await token(text), "malformed_claims");
    expect(Object.hasOwn(Object.prototype, "admin")).toBe(false);
  });

  test("bytes that are no UTF-8", async () => {
    const bytes = Buffer.from(JSON.stringify(claims({ name: "é" })), "latin1");
    await expectRefused(await token(Uint8Array.from(bytes)), "malformed_claims");
  });

  test("text of all scripts is read as it is", async () => {
    const body = await expectAccepted(await token(claims({ sub: "Ånn–→é😀", "claim é": ["日本", { à: 1 }] })));
    expect(body.subject).toBe("Ånn–→é😀");
    expect(body.claims).toMatchObject({ "claim é": ["日本", { à: 1 }] });
  });
});
