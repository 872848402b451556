import fc from "fast-check";
import { expect, test } from "vitest";
import { policy } from "../../src/index.ts";
import { fieldOf, options, stopwatch, timeoutMs } from "./support.ts";

const timed = stopwatch("origins");

const scheme = fc.constantFrom("https", "http", "capacitor");
const label = fc.constantFrom("a", "b", "ab", "a-b", "x_y", "example", "com", "xn--bcher-kva", "localhost", "7a");
const host = fc.oneof(
  fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => `${labels.join(".")}.test`),
  fc.constantFrom("localhost", "127.0.0.1", "[::1]", "example.test."),
);
const port = fc.constantFrom("", "", ":1", ":80", ":443", ":3000", ":65535");

interface Entry {
  readonly scheme: string;
  readonly host: string;
  readonly port: string;
  readonly isWildcard: boolean;
}

const entry: fc.Arbitrary<Entry> = fc
  .record({ scheme, host, port: fc.oneof(port, fc.constant(":*")), isWildcard: fc.boolean() })
  .map((made) => ({ ...made, isWildcard: made.isWildcard && !/^[[\d]/.test(made.host) }))
  .filter((made) => !isDefaultPort(made.scheme, made.port));

const written = (made: Entry): string => `${made.scheme}://${made.isWildcard ? "*." : ""}${made.host}${made.port}`;

function isDefaultPort(ofScheme: string, given: string): boolean {
  return (ofScheme === "https" && given === ":443") || (ofScheme === "http" && given === ":80");
}

/** The reference: an entry is put together with every piece of the origin that could stand for its stars. */
function isCoveredBy(origin: string, made: Entry): boolean {
  const start = `${made.scheme}://`;
  if (!origin.startsWith(start)) return false;
  const givenPort = /:\d+$/.exec(origin)?.[0] ?? "";
  const givenHost = origin.slice(start.length, origin.length - givenPort.length);
  const isPortRight =
    made.port === ":*"
      ? givenPort === "" || (isRealPort(givenPort.slice(1)) && !isDefaultPort(made.scheme, givenPort))
      : givenPort === made.port;
  if (!made.isWildcard) return isPortRight && givenHost === made.host;
  if (!givenHost.endsWith(`.${made.host}`) || givenHost.length > 253) return false;
  const above = givenHost.slice(0, -made.host.length - 1).split(".");
  return isPortRight && above.every((part) => /^[a-z0-9_-]{1,63}$/.test(part));
}

function isRealPort(digits: string): boolean {
  return String(Number(digits)) === digits && Number(digits) >= 1 && Number(digits) <= 65_535;
}

/** An origin that an entry covers. */
const covered = (made: Entry): fc.Arbitrary<string> =>
  fc.tuple(fc.array(label, { minLength: 1, maxLength: 3 }), port).map(([labels, anyPort]) => {
    const above = made.isWildcard ? `${labels.join(".")}.` : "";
    return `${made.scheme}://${above}${made.host}${made.port === ":*" ? anyPort : made.port}`;
  });

const pieces = [
  ..." \t.:/@\\?#,*%[]-_0a\u00e9\u0130A",
  "..",
  "://",
  "%2e",
  "null",
  ", https://a.test",
  ":443",
  ":80",
  ":0",
  ".test",
  "a.",
  "x".repeat(64),
];

/** A near miss: a piece is put in, taken out or doubled, or letters change case. */
const mutated = (origin: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.nat(origin.length),
      fc.constantFrom(...pieces),
      fc.constantFrom("insert", "replace", "delete", "upper", "double", "keep"),
    )
    .map(([at, piece, how]) => {
      if (how === "insert") return origin.slice(0, at) + piece + origin.slice(at);
      if (how === "replace") return origin.slice(0, at) + piece + origin.slice(at + 1);
      if (how === "delete") return origin.slice(0, at) + origin.slice(at + 1);
      if (how === "upper") return origin.slice(0, at) + origin.slice(at).toUpperCase();
      return how === "double" ? origin + origin : origin;
    });

const listAndOrigins = fc.array(entry, { minLength: 1, maxLength: 6 }).chain((entries) => {
  const near = fc.constantFrom(...entries).chain(covered);
  const origin = fc.oneof(
    { weight: 3, arbitrary: near.chain(mutated) },
    { weight: 2, arbitrary: near },
    { weight: 2, arbitrary: near.chain(mutated).chain(mutated) },
    { weight: 1, arbitrary: fc.tuple(scheme, host, port).map((parts) => `${parts[0]}://${parts[1]}${parts[2]}`) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
  );
  return fc.tuple(fc.constant(entries), fc.array(origin, { minLength: 1, maxLength: 5 }));
});

test(
  "an origin is allowed exactly where a plain reading of the list allows it",
  async () => {
    let allowedCount = 0;
    await fc.assert(
      fc.asyncProperty(listAndOrigins, async ([entries, origins]) => {
        const cors = { origins: entries.map(written), dangerouslyAllowPublicSuffixes: true };
        const fetch = policy({ cors, headers: false, requestId: false })(() => new Response(null));
        for (const origin of origins) {
          const headers = fieldOf("origin", origin);
          if (headers === undefined) continue;
          const sent = headers.get("origin") ?? "";
          const response = await timed(() => fetch(new Request("https://api.test/", { headers })));
          const isAllowed = entries.some((made) => isCoveredBy(sent, made));
          if (isAllowed) allowedCount++;
          expect([sent, response.headers.get("access-control-allow-origin")]).toEqual([sent, isAllowed ? sent : null]);
        }
      }),
      options,
    );
    expect(allowedCount).toBeGreaterThan(0);
  },
  timeoutMs,
);
