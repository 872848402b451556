import { describe, expect, test } from "vitest";
import { expectProblem } from "../../lib/harness.ts";
import {
  type Answer,
  drip,
  huge,
  keysWith,
  makeKey,
  redirectTo,
  silence,
  startIdentityProvider,
  text,
} from "../identity-provider/identity-provider.ts";
import { clientOf, forge, passSeconds, useProvider } from "./client.ts";

const provider = useProvider();

/** What the operator is told of a request that could not be verified. */
function causeIn(events: readonly unknown[]): unknown {
  const { type, error } = Object(events.at(-1));
  return type === "auth_unavailable" ? error.cause?.message : undefined;
}

describe("without any keys", () => {
  test("a provider that is down is 503 with Retry-After, never 401, for good tokens and bad", async () => {
    await provider().goDown();
    const { send } = clientOf(provider());
    for (const token of [await provider().token(), forge(provider().issuer, "nobody")]) {
      const response = await send(token);
      await expectProblem(response, 503, "auth_unavailable");
      expect(response.headers.get("retry-after")).toBe("1");
      expect(response.headers.has("www-authenticate")).toBe(false);
      expect(JSON.stringify([...response.headers])).not.toContain("127.0.0.1");
    }
  });

  test("it is asked again after 1, 2, 4, 8, 16 and then every 30 seconds, whatever the load", async () => {
    provider().answer(text("", 500));
    const { send } = clientOf(provider());
    const asked: number[] = [];
    const retryAfter: (string | null)[] = [];
    const token = await provider().token();
    for (let second = 0; second <= 125; second++) {
      const before = provider().fetches;
      const responses = await Promise.all(Array.from({ length: 20 }, () => send(token)));
      expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([503]));
      if (provider().fetches > before) {
        asked.push(second);
        retryAfter.push(responses[0]?.headers.get("retry-after") ?? null);
      }
      passSeconds(1);
    }
    expect(asked).toEqual([0, 1, 3, 7, 15, 31, 61, 91, 121]);
    expect(retryAfter).toEqual(["1", "2", "4", "8", "16", "30", "30", "30", "30"]);
    expect(provider().fetches).toBe(9);
  });

  test("Retry-After says what is left of the pause", async () => {
    provider().answer(text("", 500));
    const { send, status } = clientOf(provider());
    for (const seconds of [0, 1, 2, 4]) {
      passSeconds(seconds);
      expect(await status()).toBe(503);
    }
    passSeconds(3);
    expect((await send()).headers.get("retry-after")).toBe("5");
  });

  test("the first request after the pause finds a provider that is back", async () => {
    await provider().goDown();
    const { status } = clientOf(provider());
    expect(await status()).toBe(503);
    await provider().comeBack();
    expect(await status()).toBe(503);
    passSeconds(1);
    expect(await status()).toBe(200);
    expect(provider().fetches).toBe(1);
  });
});

const secret = { kty: "oct", k: "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA" };

const wrongAnswers: readonly (readonly [name: string, answer: Answer, cause: RegExp])[] = [
  ["an error of the server", text('{"keys":[]}', 500), /the answer has the status 500/],
  ["a page that is not there", text("", 404), /the answer has the status 404/],
  ["another success than 200", text('{"keys":[]}', 203), /the answer has the status 203/],
  ["a page in HTML", text("<!doctype html><h1>Sign in</h1>", 200, { "content-type": "text/html" }), /JSON/i],
  ["JSON that is cut off", text('{"keys":[{"kty":"EC"'), /JSON/i],
  ["nothing", text(""), /JSON/i],
  ["what is not UTF-8", (response) => void response.end(Buffer.from('{"keys":[],"a":"\xff"}', "latin1")), /utf-8/i],
  ["null", text("null"), /no key set/],
  ["a list", text("[]"), /no key set/],
  ["no keys", text('{"keys":[]}'), /no usable key/],
  ["only a secret", text(JSON.stringify({ keys: [secret] })), /no usable key/],
  ["51 keys", text(JSON.stringify({ keys: Array(51).fill(secret) })), /more than 50 keys/],
];

describe.each(wrongAnswers)("a provider that answers with %s", (_, answer, cause) => {
  test("is an outage: 503 without keys", async () => {
    provider().answer(answer);
    const { send, events } = clientOf(provider());
    await expectProblem(await send(), 503, "auth_unavailable");
    expect(causeIn(events)).toMatch(cause);
  });

  test("is no reason to give up keys that are held", async () => {
    const { status, settled } = clientOf(provider());
    await status();
    provider().answer(answer);
    passSeconds(700);
    expect(await status()).toBe(200);
    await settled();
    expect(provider().fetches).toBe(2);
    expect(await status()).toBe(200);
  });
});

test("a provider whose keys are all for algorithms that are not allowed is an outage, and the keys that are held stay", async () => {
  const { send, events, status, settled } = clientOf(provider(), { algorithms: ["ES256"] });
  const { jwk } = await makeKey("rsa", "RS256");
  const foreign = text(JSON.stringify({ keys: [jwk] }));
  provider().answer(foreign);
  await expectProblem(await send(), 503, "auth_unavailable");
  expect(causeIn(events)).toMatch(/no key that an allowed algorithm uses/);
  provider().answer(keysWith());
  passSeconds(2);
  expect(await status()).toBe(200);
  provider().answer(foreign);
  passSeconds(700);
  expect(await status()).toBe(200);
  await settled();
  expect(await status()).toBe(200);
});

test.each([301, 302, 303, 307, 308])("a redirect (%i) is not followed", async (status) => {
  const other = await startIdentityProvider();
  try {
    other.publish([provider().key.jwk]);
    provider().answer(redirectTo(other.jwksUrl, status));
    const { send, events } = clientOf(provider());
    expect((await send()).status).toBe(503);
    expect(causeIn(events)).toBe(`the answer has the status ${status}`);
    expect(other.fetches).toBe(0);
  } finally {
    await other.close();
  }
});

test.each([
  ["that never answers", silence],
  ["that never ends its answer", drip],
])("a provider %s is given up after 3 seconds, for all who wait", async (_, answer) => {
  provider().answer(answer);
  const { status, events } = clientOf(provider());
  const begun = performance.now();
  const statuses = await Promise.all([status(), status(), status()]);
  const tookMs = performance.now() - begun;
  expect(statuses).toEqual([503, 503, 503]);
  expect(tookMs).toBeGreaterThan(2900);
  expect(tookMs).toBeLessThan(3500);
  expect(causeIn(events)).toMatch(/3000 ms/);
  expect(provider().fetches).toBe(1);
});

describe("the size of an answer", () => {
  test.each([
    ["announced", true],
    ["not announced", false],
  ])("is counted: 10 MiB, %s, are not read", async (_, announces) => {
    let taken = 0;
    const read = new Promise<void>((resolve) => {
      provider().answer(
        huge(
          10_485_760,
          (bytes) => {
            taken = bytes;
            resolve();
          },
          announces,
        ),
      );
    });
    const { status, events } = clientOf(provider());
    expect(await status()).toBe(503);
    expect(causeIn(events)).toMatch(/larger than 262144 bytes/);
    await read;
    expect(taken).toBeLessThan(5_000_000); // with what sockets buffer
  });

  test.each([
    [262_144, 200],
    [262_145, 503],
  ])("%i bytes: %i", async (bytes, status) => {
    provider().answer(huge(bytes, () => undefined));
    expect(await clientOf(provider()).status()).toBe(status);
  });

  test("counts what was compressed", async () => {
    const { gzipSync } = await import("node:zlib");
    provider().answer((response, keys) => {
      response.writeHead(200, { "content-encoding": "gzip" });
      response.end(gzipSync(JSON.stringify({ keys }) + " ".repeat(1_000_000)));
    });
    expect(await clientOf(provider()).status()).toBe(503);
  });
});

test("50 keys are read", async () => {
  const others = Array.from({ length: 49 }, (_, index) => ({ ...secret, kid: `other-${index}` }));
  provider().answer((response) => keysWith()(response, [...others, provider().key.jwk], response.req));
  expect(await clientOf(provider()).status()).toBe(200);
});
