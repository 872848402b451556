import fc from "fast-check";
import Negotiator from "negotiator";
import { expect, test } from "vitest";
import { accepts } from "../../src/content/accept.ts";
import { options, timeoutMs } from "./support.ts";

const types = ["application/json", "application/problem+json", "text/html", "text/csv", "image/png"] as const;
const offers = fc.uniqueArray(fc.constantFrom(...types), { minLength: 1, maxLength: 3 });

const blank = fc.constantFrom("", " ", "\t", "  ");
const weight = fc.constantFrom("", "q=0", "q=0.0", "q=0.000", "q=0.001", "q=0.5", "q=1", "q=1.000", "Q=0", "Q=0.3");

interface Range {
  readonly essence: string;
  readonly text: string;
}

const range: fc.Arbitrary<Range> = fc
  .tuple(
    fc.constantFrom(...types, "*/*", "application/*", "text/*", "image/*", "application/xml", "audio/*"),
    fc.boolean(),
    blank,
    weight,
  )
  .map(([essence, isUpper, space, q]) => ({
    essence,
    text: space + (isUpper ? essence.toUpperCase() : essence) + (q === "" ? "" : `${space};${space}${q}`) + space,
  }));

/**
 * One range of a kind: of several, negotiator lets the first of the highest weight decide and we the most willing,
 * which is the same but for members that it cannot read.
 */
const field = fc
  .uniqueArray(range, { minLength: 1, maxLength: 6, selector: ({ essence }) => essence })
  .map((ranges) => ranges.map(({ text }) => text).join(","));

test(
  "a field of readable ranges accepts what negotiator finds acceptable",
  () => {
    const seen = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(field, offers, (value, offered) => {
        const theirs = new Negotiator({ headers: { accept: value } }).mediaTypes([...offered]).length > 0;
        expect([value, offered, accepts(value, offered)]).toEqual([value, offered, theirs]);
        if (theirs) seen.accepted++;
        else seen.refused++;
      }),
      options,
    );
    console.info("accept:", seen);
    expect(seen.accepted).toBeGreaterThan(0);
    expect(seen.refused).toBeGreaterThan(0);
  },
  timeoutMs,
);

test(
  "a range that is there twice accepts where negotiator does",
  () => {
    fc.assert(
      fc.property(fc.array(range, { minLength: 1, maxLength: 6 }), offers, (ranges, offered) => {
        const value = ranges.map(({ text }) => text).join(",");
        const theirs = new Negotiator({ headers: { accept: value } }).mediaTypes([...offered]).length > 0;
        expect([value, offered, accepts(value, offered)]).toEqual([value, offered, theirs]);
      }),
      options,
    );
  },
  timeoutMs,
);

const piece = fc.constantFrom(
  ...' \t,;="\\/*+.-aq01\xff\x00',
  ...types,
  "*/*",
  ";q=0",
  ";q=",
  'x="a,b"',
  '"',
  "\\",
  "q=0.0000",
);
const noise = fc.oneof(
  fc.array(piece, { maxLength: 20 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 40 }),
);

test(
  "any text has a verdict, and what does not mention a type never excludes all",
  () => {
    fc.assert(
      fc.property(noise, offers, (value, offered) => {
        const verdict = accepts(value, offered);
        expect(typeof verdict).toBe("boolean");
        if (!value.includes("/")) expect([value, verdict]).toEqual([value, true]);
        // One more member that takes everything by name settles it, where no quotation mark is left open.
        if (!value.includes('"')) expect([value, accepts(`${value},${offered[0]}`, offered)]).toEqual([value, true]);
      }),
      options,
    );
  },
  timeoutMs,
);
