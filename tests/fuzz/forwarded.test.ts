import fc from "fast-check";
import { expect, test } from "vitest";
import { parseForwardedElement, startOfLast } from "../../src/client-ip/forwarded.ts";
import { policy } from "../../src/index.ts";
import { normaliseAddress } from "../../src/lib/ip-address.ts";
import { fieldOf, options, stopwatch, timeoutMs } from "./support.ts";

const timed = stopwatch("Forwarded chains");

const tokenCharacters = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const token = fc.string({ unit: fc.constantFrom(...tokenCharacters), minLength: 1, maxLength: 8 });
const name = fc.oneof(fc.constantFrom("for", "For", "proto", "host", "HOST", "by"), token);
const text = fc.string({
  unit: fc.constantFrom(...'",;=\\ \t[]:._-', ..."az09\u00e9"),
  minLength: 1,
  maxLength: 12,
});
const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6().map((one) => `[${one}]`),
);
const node = fc
  .tuple(address, fc.constantFrom("", ":1", ":65535", ":_p", ":_a.b-c"))
  .map(([one, port]) => `${one}${port}`);

type Pairs = readonly (readonly [name: string, value: string])[];
const pairs: fc.Arbitrary<Pairs> = fc.uniqueArray(fc.tuple(name, fc.oneof(token, text, node)), {
  selector: ([one]) => one.toLowerCase(),
  minLength: 1,
  maxLength: 5,
});

/** RFC 7239 §4, as plainly as it can be written: a token as it is, everything else quoted. */
function serialise(element: Pairs): string {
  return element
    .map(([one, value]) => `${one}=${/^[\w!#$%&'*+.^`|~-]+$/.test(value) ? value : quote(value)}`)
    .join(";");
}

function quote(value: string): string {
  return `"${value.replace(/["\\]/g, "\\$&")}"`;
}

/** What a client may send ahead: anything, and much of what looks like a chain. */
const junk = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'",;=\\ for:[]_1.'), maxLength: 60 }),
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.array(pairs.map(serialise), { maxLength: 3 }).map((elements) => elements.join(", ")),
  pairs.map((element) => serialise(element).slice(0, -1)),
  fc.integer({ min: 1900, max: 2200 }).map((length) => "".padEnd(length, 'for="1.1.1.1", ')),
);

test(
  "an element is read as it was written",
  () => {
    fc.assert(
      fc.property(pairs, (element) => {
        const read = parseForwardedElement(serialise(element));
        expect(Object.fromEntries(read ?? [])).toEqual(
          Object.fromEntries(element.map(([one, value]) => [one.toLowerCase(), value])),
        );
      }),
      options,
    );
  },
  timeoutMs,
);

test(
  "no text makes the parser throw, and what it gives is written from the same parameters",
  () => {
    fc.assert(
      fc.property(fc.oneof(junk, fc.string({ unit: "binary" })), (sent) => {
        const element = parseForwardedElement(sent);
        if (element === undefined) return;
        expect(parseForwardedElement(serialise([...element]))).toEqual(element);
      }),
      options,
    );
  },
  timeoutMs,
);

test(
  "the last element is found whatever stands to its left",
  () => {
    fc.assert(
      fc.property(junk, fc.array(pairs, { minLength: 1, maxLength: 4 }), (sent, elements) => {
        const own = elements.map(serialise);
        const chain = [sent, ...own].join(",");
        let end = chain.length;
        for (const element of own.reverse()) {
          const start = startOfLast(chain, end);
          expect(chain.slice(start, end)).toBe(element);
          end = start - 1;
        }
      }),
      options,
    );
  },
  timeoutMs,
);

test(
  "through the policy, trusted elements name the client whatever was sent ahead",
  async () => {
    const clientIp = { trustedHops: 2, header: "forwarded" };
    const api = policy({ clientIp, headers: false, requestId: false });
    await fc.assert(
      fc.asyncProperty(junk, node, pairs, async (sent, client, further) => {
        const element = serialise([["for", client], ...further.filter(([one]) => one.toLowerCase() !== "for")]);
        const headers = fieldOf("forwarded", sent);
        if (headers === undefined || fieldOf("forwarded", element) === undefined) return;
        headers.append("forwarded", element);
        headers.append("forwarded", "for=10.0.0.1");
        let seen: string | undefined;
        const request = new Request("https://api.test/", { headers });
        await timed(() =>
          api.run(request, { clientIp: "10.0.0.2" }, (_request, context) => {
            seen = context.clientIp;
            return new Response(null);
          }),
        );
        expect(seen).toBe(normaliseAddress(client.replace(/:_.*$/, "")));
      }),
      options,
    );
  },
  timeoutMs,
);
