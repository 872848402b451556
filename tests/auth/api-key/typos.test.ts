import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { policy } from "../../../src/index.ts";
import { get, ok, silent } from "../../lib/harness.ts";
import { asBearer, inField, type Keyring, keyring, type Made } from "./support.ts";

let keys: Keyring;
let good: Made;
let statusOf: (fields: Record<string, string>) => Promise<number>;

beforeAll(async () => {
  keys = keyring();
  good = await keys.add();
  const fetch = policy({ auth: keys.auth, onEvent: silent })(ok);
  statusOf = async (fields) => (await fetch(get("/", fields))).status;
});

/** Every character that a field can hold: printable ASCII and the upper half of Latin-1. */
const characters = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).filter((character) =>
  /[ -~\x80-\xff]/.test(character),
);

/** Sends them all, and expects that each is refused without a lookup. A comma makes of it two keys, and so 400. */
async function expectRefused(typos: readonly string[]): Promise<void> {
  keys.asked.length = 0;
  for (const typo of typos) {
    const status = await statusOf(inField(typo));
    expect(status, typo).toBe(typo.includes(",") ? 400 : 401);
    expect([400, 401], typo).toContain(await statusOf(asBearer(typo)));
  }
  expect(keys.asked).toEqual([]);
}

describe("a typing mistake is refused without a lookup:", () => {
  const places = Array.from({ length: "acme_live_".length + 12 + 1 + 22 + 6 }, (_, place) => place);

  test.each(places)("another character at place %i", async (place) => {
    const others = characters.filter((character) => character !== good.key[place]);
    // A space at either end is no part of a field.
    await expectRefused(others.map((other) => good.key.slice(0, place) + other + good.key.slice(place + 1)));
  });

  test("a character too many, at every place", async () => {
    const sampled = ["0", "A", "z", "_", "-", "é", "/"];
    await expectRefused(
      places.flatMap((place) => sampled.map((one) => good.key.slice(0, place) + one + good.key.slice(place))),
    );
  });

  test("a character missing, at every place", async () => {
    await expectRefused(places.map((place) => good.key.slice(0, place) + good.key.slice(place + 1)));
  });

  test("two neighbours swapped, at every place", async () => {
    const swapped = places.slice(1).map((place) => {
      const [a = "", b = ""] = good.key.slice(place - 1, place + 1);
      return good.key.slice(0, place - 1) + b + a + good.key.slice(place + 1);
    });
    await expectRefused(swapped.filter((typo) => typo !== good.key));
  });

  test("letters in the other case, at every place", async () => {
    const flipped = [...good.key].map((letter, place) => {
      const other = letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase();
      return good.key.slice(0, place) + other + good.key.slice(place + 1);
    });
    await expectRefused(flipped.filter((typo) => typo !== good.key));
  });
});

test("whatever a field holds is refused without a lookup, and never breaks anything", async () => {
  const text = fc.string({ unit: fc.constantFrom(...characters), maxLength: 80 });
  const like = fc.stringMatching(/^acme_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{28}$/);
  keys.asked.length = 0;
  await fc.assert(
    fc.asyncProperty(fc.oneof(text, like), async (sent) => {
      expect([400, 401]).toContain(await statusOf(inField(sent)));
      expect([400, 401]).toContain(await statusOf(asBearer(sent)));
    }),
    { numRuns: 500 },
  );
  expect(keys.asked).toEqual([]);
});

test("only hashes reach lookup, whatever is sent", async () => {
  keys.asked.length = 0;
  for (const sent of [good.key, `${good.key}x`, good.id, good.hash, `${good.key},`]) {
    for (const fields of [inField(sent), asBearer(sent)]) await statusOf(fields);
  }
  expect(keys.asked).toEqual([good.hash, good.hash]);
});
