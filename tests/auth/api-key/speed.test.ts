import { expect, test } from "vitest";
import { hashApiKey } from "../../../src/auth/api-key/hash.ts";
import { compileLookup } from "../../../src/auth/api-key/lookup.ts";
import { Options } from "../../../src/lib/options.ts";

// The figures are printed, not judged: how busy the machine is decides about them.

const digits = "0123456789abcdef";
const randomHash = (): string => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("hex");

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

test("a million keys in a Map cost little more than the hash", async () => {
  const end = randomHash().slice(8);
  const hashes = Array.from(
    { length: 1_000_000 },
    (_, index) => ((index * 2654435761) >>> 0).toString(16).padStart(8, "0") + end,
  );
  const keys = new Map(hashes.map((hash) => [hash, { id: "somebody", scopes: ["notes:read"] }]));
  const find = compileLookup(new Options({ lookup: (hash: string) => keys.get(hash) }, "apiKey", []), [], undefined);
  const asked = Array.from({ length: 10_000 }, () =>
    Buffer.from(hashes[Math.floor(Math.random() * 1e6)] ?? "").toString(),
  );
  const [finding, hashing]: [number[], number[]] = [[], []];
  for (let round = 0; round < 10; round++) {
    const start = performance.now();
    for (const hash of asked) find(hash);
    const middle = performance.now();
    for (const hash of asked.slice(0, 500)) await hashApiKey(hash);
    finding.push(((middle - start) * 1000) / asked.length);
    hashing.push(((performance.now() - middle) * 1000) / 500);
  }
  const show = (times: readonly number[]): string =>
    `${Math.min(...times).toFixed(2)} to ${median(times).toFixed(2)} µs`;
  console.info(
    `1e6 keys: the hash takes ${show(hashing)} (best and median round), the lookup after it ${show(finding)}`,
  );
  expect(find(asked[0] ?? "")).toMatchObject({ identity: { subject: "somebody" } });
});

test("the time of a list's answer does not tell how far a hash agrees with one of its entries", () => {
  const secret = randomHash();
  const entries = Array.from({ length: 50 }, (_, index) => ({
    hash: index === 25 ? secret : randomHash(),
    id: "k",
    scopes: [],
  }));
  const find = compileLookup(new Options({ lookup: entries }, "apiKey", []), [], undefined);
  const lengths = [0, 8, 16, 24, 32, 40, 48, 56, 63];
  // Hashes that agree with the entry in just so many digits.
  const asked = lengths.map((length) => {
    const other = digits[(digits.indexOf(secret.charAt(length)) + 1) % 16] ?? "";
    return secret.slice(0, length) + other + randomHash().slice(length + 1);
  });
  const times = lengths.map((): number[] => []);
  for (let round = 0; round < 400; round++) {
    for (const place of [...lengths.keys()].sort(() => Math.random() - 0.5)) {
      const start = performance.now();
      for (let index = 0; index < 20; index++) find(asked[place] ?? "");
      times[place]?.push(((performance.now() - start) * 1000) / 20);
    }
  }
  const medians = times.map(median);
  console.info(
    `time by equal digits, µs: ${lengths.map((length, place) => `${length}: ${medians[place]?.toFixed(2)}`).join(", ")}`,
  );
  console.info(
    `slope ${slopeOf(lengths, medians).toFixed(3)} ns a digit, correlation ${correlationOf(lengths, times).toFixed(3)}`,
  );
  expect(asked.map((hash) => find(hash))).toEqual(lengths.map(() => undefined));
  expect(find(secret)).toMatchObject({ identity: { subject: "k" } });
});

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}

/** Nanoseconds for each further digit, by least squares. */
function slopeOf(x: readonly number[], y: readonly number[]): number {
  const [mx, my] = [mean(x), mean(y)];
  const over = x.reduce((sum, one, index) => sum + (one - mx) * ((y[index] ?? 0) - my), 0);
  return (1000 * over) / x.reduce((sum, one) => sum + (one - mx) ** 2, 0);
}

/** Pearson's correlation of the number of equal digits and the time, over all measurements but the slowest tenth. */
function correlationOf(lengths: readonly number[], times: readonly (readonly number[])[]): number {
  const kept = times.flatMap((list, place) =>
    list
      .toSorted((a, b) => a - b)
      .slice(0, Math.floor(list.length * 0.9))
      .map((time) => [lengths[place] ?? 0, time] as const),
  );
  const [mx, my] = [mean(kept.map(([x]) => x)), mean(kept.map(([, y]) => y))];
  const sum = (of: (x: number, y: number) => number): number =>
    kept.reduce((all, [x, y]) => all + of(x - mx, y - my), 0);
  return sum((x, y) => x * y) / Math.sqrt(sum((x) => x * x) * sum((_, y) => y * y));
}
