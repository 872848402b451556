import fc from "fast-check";
import { expect, test } from "vitest";
import { MIMEType } from "whatwg-mimetype";
import { parseMediaType } from "../../src/content/media-type.ts";
import { options, timeoutMs } from "./support.ts";

/** Fields hold bytes, so nothing beyond Latin-1 is ever parsed. */
const pieces = fc.constantFrom(
  ..." \t;=\"\\/,*+.-_aAzZ09'()<>@[]?:{}!#$%&^`|~",
  ..."\n\r\0\x7f\x80\xa0\xff\xb2",
  "application",
  "Application/JSON",
  "text/plain",
  "charset",
  "CHARSET",
  "utf-8",
  '"utf-8"',
  '"a\\"b;c"',
  '"',
  "; charset=",
  ";charset=utf-8",
  " ; x=y",
  ";x=",
  ";;",
);
const latin1 = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 30,
});
const essence = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("application/json", "TEXT/Plain", "a/b", " image/svg+xml\t") },
  { weight: 1, arbitrary: fc.constantFrom("x/", "/y", "a b/c", "a/b c", "a/b,c/d") },
);
const tail = fc.array(pieces, { maxLength: 14 }).map((parts) => parts.join(""));

const value = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(essence, fc.constantFrom(";", " ;", "; x=", ";charset=", ';x="'), tail)
      .map((parts) => parts.join("")),
  },
  { weight: 2, arbitrary: tail },
  { weight: 1, arbitrary: fc.tuple(tail, essence, tail).map((parts) => parts.join("")) },
  { weight: 1, arbitrary: latin1 },
);

/** Whether a comma stands outside quoted values of parameters: then two fields may have been joined. */
function hasBareComma(input: string): boolean {
  // A value is quoted only where its quotation mark follows the equals sign of a parameter at once.
  const withoutQuoted = input.replace(/(;[\t\n\r ]*[^;=]*=)"(?:\\[\s\S]|[^"\\])*(?:\\?$|")/g, "$1");
  return withoutQuoted.slice(input.indexOf(";")).includes(",");
}

test(
  "a media type is what the MIME Sniffing standard makes of it, but for lists",
  () => {
    const seen = { types: 0, none: 0, lists: 0 };
    fc.assert(
      fc.property(value, (input) => {
        const ours = parseMediaType(input);
        const theirs = MIMEType.parse(input);
        if (ours === undefined && theirs !== null) {
          // The standard takes a list for a parameter's value; for us it shows that two fields were joined.
          expect([input, hasBareComma(input)]).toEqual([input, true]);
          seen.lists++;
          return;
        }
        if (ours === undefined) seen.none++;
        else seen.types++;
        expect([input, ours?.essence]).toEqual([input, theirs?.essence]);
        expect([input, [...(ours?.parameters ?? [])]]).toEqual([input, [...(theirs?.parameters ?? [])]]);
        if (ours !== undefined) expect([input, hasBareComma(input)]).toEqual([input, false]);
      }),
      options,
    );
    console.info("media types:", seen);
    expect(seen.types).toBeGreaterThan(0);
    expect(seen.none).toBeGreaterThan(0);
    expect(seen.lists).toBeGreaterThan(0);
  },
  timeoutMs,
);

test(
  "two fields that were joined are never a media type, whatever they hold",
  () => {
    fc.assert(
      fc.property(value, value, (first, second) => {
        // An open quotation mark of the first field swallows the comma, so such a first field is left out.
        if (/"/.test(first)) return;
        expect(parseMediaType(`${first}, ${second}`)).toBeUndefined();
      }),
      options,
    );
  },
  timeoutMs,
);
