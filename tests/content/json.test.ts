import { describe, expect, test } from "vitest";
import { z } from "zod";
import { policy } from "../../src/index.ts";
import { expectProblem, recorder, silent } from "../lib/harness.ts";
import { send, sendJson } from "./support.ts";

const reads = policy({ onEvent: silent })({ body: z.unknown() }, (_request, { body }) => Response.json({ body }));
const once = policy({ content: { duplicateKeys: "refuse" }, onEvent: silent })(
  { body: z.unknown() },
  (_request, { body }) => Response.json({ body }),
);

async function expectRead(text: string, value: unknown, fetch = reads): Promise<void> {
  const response = await fetch(sendJson(text));
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ body: value });
}

const bytes = (...values: number[]): Request =>
  send({ headers: { "content-type": "application/json" }, body: new Uint8Array(values) });

describe("text that is no JSON in UTF-8 is malformed_json", () => {
  test.each([
    "",
    " ",
    "{",
    "[1,]",
    "{a:1}",
    "{'a':1}",
    "NaN",
    "undefined",
    "01",
    "+1",
    ".5",
    "1 2",
    "{} {}",
    "null;",
    '"\t"',
    '"\\x41"',
    '"\\u00e"',
    "// comment\n1",
    "\u00a01",
    "\ufeff\ufeff1",
    "1\0",
  ])("%j", async (text) => {
    await expectProblem(await reads(sendJson(text)), 400, "malformed_json");
  });

  test("no body at all", async () => {
    const types = { "content-type": "application/json" };
    const chunked = { ...types, "transfer-encoding": "chunked" };
    for (const headers of [types, { ...types, "content-length": "0" }, chunked])
      await expectProblem(await reads(send({ headers })), 400, "malformed_json");
  });

  test.each([
    ["a byte that is never UTF-8", [0x22, 0xff, 0x22]],
    ["an unfinished sequence", [0x22, 0xc3, 0x22]],
    ["an overlong quotation mark", [0x22, 0xc0, 0xa2, 0x22]],
    ["half of a surrogate pair", [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ["a code point beyond Unicode", [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22]],
    ["UTF-16", [0xff, 0xfe, 0x31, 0x00]],
  ])("%s", async (_name, values) => {
    await expectProblem(await reads(bytes(...values)), 400, "malformed_json");
  });
});

describe("JSON is read as it is", () => {
  test.each<readonly [string, unknown]>([
    ["null", null],
    ["0", 0],
    ['""', ""],
    [" [1, true] \n", [1, true]],
    ["1e300", 1e300],
    ["1e-400", 0],
    ['{"a":{"b":[{}]}}', { a: { b: [{}] } }],
    ['"\\u00e9\\ud83d\\ude00"', "é😀"],
    ['{"constructor":"Acme","prototype":{"constructor":1}}', { constructor: "Acme", prototype: { constructor: 1 } }],
    ['{"constructor":{"name":"Acme"}}', { constructor: { name: "Acme" } }],
    ['{"constructor":["prototype"]}', { constructor: ["prototype"] }],
    ['["__proto__","constructor.prototype"]', ["__proto__", "constructor.prototype"]],
    ['{"__proto":1,"proto__":2}', { __proto: 1, proto__: 2 }],
    ['{"a":1,"a":2}', { a: 2 }],
  ])("%s", async (text, value) => {
    await expectRead(text, value);
  });

  test("a byte order mark is passed over", async () => {
    const response = await reads(bytes(0xef, 0xbb, 0xbf, 0x31));
    expect(await response.json()).toEqual({ body: 1 });
  });
});

describe("what surprises code behind is unsafe_json", () => {
  test.each([
    '{"__proto__":1}',
    '{"__proto__":null}',
    '{"__proto__":{"isAdmin":true}}',
    '[{"a":[{"__proto__":{}}]}]',
    '{"\\u005f_proto__":{}}',
    '{"\\u005f\\u005f\\u0070roto\\u005F_":{}}',
    '{"constructor":{"prototype":{}}}',
    '{"constructor":{"prototype":null}}',
    '[{"a":{"constructor":{"x":1,"prototype":{"isAdmin":true}}}}]',
    '{"\\u0063onstructor":{"prototype":{}}}',
    '{"constructor":{"\\u0070rototype":{}}}',
    "1e400",
    "-1e400",
    '{"a":[1,{"b":1e309}]}',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '{"a":["x\\uD83D"]}',
    '{"\\udfff":1}',
  ])("%s", async (text) => {
    await expectProblem(await reads(sendJson(text)), 400, "unsafe_json");
    expect(Object.hasOwn(Object.prototype, "isAdmin")).toBe(false);
  });
});

describe("nesting", () => {
  const nested = (depth: number, open: readonly string[], close: readonly string[], inner = ""): string => {
    const at = (parts: readonly string[], level: number): string => parts[level % parts.length] ?? "";
    let text = inner;
    for (let level = depth - 1; level >= 0; level--) text = at(open, level) + text + at(close, level);
    return text;
  };

  test.each([
    ["arrays", ["["], ["]"], "1"],
    ["arrays around null", ["["], ["]"], "null"],
    ["objects", ['{"a":'], ["}"], "1"],
    ["arrays and objects", ["[", '{"a":'], ["]", "}"], "1"],
    ["objects and arrays, the innermost empty", ['{"a":', "["], ["}", "]"], '"x"'],
  ])("of %s is accepted to depth 64 and no deeper", async (_name, open, close, inner) => {
    const deepest = nested(64, open, close, inner);
    await expectRead(deepest, JSON.parse(deepest));
    await expectProblem(await reads(sendJson(nested(65, open, close, inner))), 400, "unsafe_json");
  });

  test("counts depth, not brackets", async () => {
    const text = `[${Array.from({ length: 500 }, () => '{"a":[]}').join()}]`;
    await expectRead(text, JSON.parse(text));
  });

  test("of 100000 arrays is refused without a fault of the server", async () => {
    const { events, onEvent } = recorder();
    const fetch = policy({ onEvent })({ body: z.unknown() }, () => new Response(null));
    const response = await fetch(sendJson(nested(100_000, ["["], ["]"])));
    expect(response.status).toBe(400);
    expect(events.map(({ type }) => type)).toEqual(["refused"]);
  });
});

describe('duplicateKeys: "refuse"', () => {
  test.each([
    '{"a":1,"a":2}',
    '{"a":1,"a":1}',
    '{"a":1,"b":2,"a":3}',
    '{ "a" : 1 , "a"\n\t\r :2}',
    '{"a":1,"\\u0061":2}',
    '{"é":1,"\\u00e9":2}',
    '{"/":1,"\\/":2}',
    '{"":1,"":2}',
    '[1,{"x":[{"k":[],"k":{}}]}]',
    '{"a":{"b":1},"c":{"d":1,"d":2}}',
    '{"a":"}","a":2}',
    '{"a\\"":1,"a\\"":2}',
    '{"a\\\\":1,"a\\\\":2}',
  ])("refuses %s", async (text) => {
    await expectProblem(await once(sendJson(text)), 400, "duplicate_key");
    expect((await reads(sendJson(text))).status).toBe(200);
  });

  test.each([
    '{"a":1,"b":{"a":2},"c":[{"a":1},{"a":2}]}',
    '["a","a"]',
    '{"a":"a","b":"a"}',
    '{"a":"b","b":1}',
    '{"A":1,"a":2}',
    '{"a":"\\",\\"a\\":1","b":"\\\\"}',
    '{"a":["b","b",{"b":1}],"b":"a"}',
    '"a"',
    "{}",
  ])("takes %s", async (text) => {
    await expectRead(text, JSON.parse(text), once);
  });

  test("counts no member of a prototype that somebody has added to", async () => {
    const { prototype } = Object as unknown as { prototype: Record<string, unknown> }; // what a gadget writes to
    prototype.polluted = { deep: true };
    try {
      await expectProblem(await once(sendJson('{"a":1,"a":2}')), 400, "duplicate_key");
      expect((await once(sendJson('{"a":1}'))).status).toBe(200);
    } finally {
      delete prototype.polluted;
    }
  });

  test("still tells of what is unsafe or malformed as such", async () => {
    await expectProblem(await once(sendJson('{"__proto__":1,"__proto__":1}')), 400, "unsafe_json");
    await expectProblem(await once(sendJson('{"a":1,"a":')), 400, "malformed_json");
  });
});

test("a refused text is in no answer", async () => {
  for (const text of ['{"canary":1', '{"__proto__":"canary"}', '{"canary":1,"canary":2}']) {
    const response = await once(sendJson(text));
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain("canary");
  }
});
