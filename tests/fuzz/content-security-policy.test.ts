import fc from "fast-check";
import { expect, test } from "vitest";
import { ConfigError, policy } from "../../src/index.ts";
import { options, stopwatch, timeoutMs } from "./support.ts";

const timed = stopwatch("content security policies");
const request = new Request("https://api.test/");

/** The field for an object of options; `undefined` when it is refused. */
async function fieldFor(csp: unknown): Promise<string | null | undefined> {
  const config: object = { headers: { contentSecurityPolicy: csp } };
  try {
    const fetch = policy(config)(() => new Response(null));
    return (await timed(() => fetch(request))).headers.get("content-security-policy");
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/** The reference: directives are separated by semicolons, values by white space (CSP Level 3, "parse a serialized CSP"). */
function parse(text: string): ReadonlyMap<string, readonly string[]> {
  const directives = new Map<string, readonly string[]>();
  for (const directive of text.split(";")) {
    const [name = "", ...values] = directive.split(/[\t\n\f\r ]+/).filter((part) => part !== "");
    if (name === "") continue;
    expect(directives.has(name)).toBe(false);
    directives.set(name, values);
  }
  return directives;
}

const kebab = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const keys = [
  "defaultSrc",
  "scriptSrc",
  "imgSrc",
  "connectSrc",
  "frameAncestors",
  "baseUri",
  "formAction",
  "sandbox",
  "reportUri",
  "trustedTypes",
];
const source = fc.oneof(
  {
    weight: 40,
    arbitrary: fc.constantFrom(
      "'self'",
      "https:",
      "https://cdn.test",
      "*.example.test:8443",
      "data:",
      "wss://a.test/x?y=z",
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "'none'",
      "self",
      "'nonce-abc'",
      "",
      "a b",
      "a;script-src *",
      "a, b",
      "a\r\nX-Injected: 1",
      "a\tb",
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom("\u00a0", "\u2028", "\u037e", "\uff1b", "\u0000", "a\u000bb", "a\u000cb") },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 12 }) },
);
const sources = fc.uniqueArray(source, { minLength: 1, maxLength: 4 });

const likely = fc
  .tuple(sources, fc.dictionary(fc.constantFrom(...keys), sources, { maxKeys: 5 }))
  .map(([defaultSrc, rest]) => ({ defaultSrc, ...rest }));

test(
  "a policy is refused, or sent as exactly the directives that were given",
  async () => {
    let sentCount = 0;
    await fc.assert(
      fc.asyncProperty(likely, async (csp) => {
        const text = await fieldFor(csp);
        if (text === undefined) return;
        sentCount++;
        const expected = new Map(Object.entries(csp).map(([key, values]) => [kebab(key), values]));
        expect(text).toMatch(/^[ -~]+$/);
        expect(parse(text ?? "")).toEqual(expected);
      }),
      options,
    );
    expect(sentCount).toBeGreaterThan(0);
  },
  timeoutMs,
);

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withTypedArray: true,
  withSparseArray: true,
});

test(
  "whatever stands in place of a policy is a ConfigError, or a field that can be sent",
  async () => {
    const odd = fc.oneof(
      anything,
      fc.record({ defaultSrc: anything, scriptSrc: anything }),
      fc.record(
        {
          defaultSrc: fc.constant(["'self'"]),
          sandbox: anything,
          reportTo: anything,
          upgradeInsecureRequests: anything,
        },
        { requiredKeys: ["defaultSrc"] },
      ),
      fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), fc.array(source)),
    );
    await fc.assert(
      fc.asyncProperty(odd, async (csp) => {
        const text = await fieldFor(csp);
        if (typeof text === "string")
          for (const values of parse(text).values()) expect(values.join(" ")).toMatch(/^[!-~ ]*$/);
      }),
      options,
    );
  },
  timeoutMs,
);
