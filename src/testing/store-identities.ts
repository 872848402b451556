import { assert, assertEqual } from "./assert.ts";
import type { StoreLaw } from "./store-laws.ts";
import { limitOf } from "./store-under-test.ts";

const long = "x".repeat(8000);

/** Texts that a careless key, script or protocol confuses. */
const oddTexts: readonly string[] = [
  " ",
  "a b",
  "a\0b",
  "a\r\nb",
  "{",
  "}",
  "{}",
  "{a}b",
  "a}:{b",
  "a:b",
  "a::b",
  '"',
  "'",
  "\\",
  "%",
  "*",
  "case",
  "CASE",
  "ä",
  "a\u0308",
  "\ud800",
  "\ud801",
  "漢字",
  "🛡️",
  "__proto__",
  `${long}1`,
  `${long}2`,
];

/** Who is counted, and what does not disturb it. */
export const identityLaws: readonly StoreLaw[] = [
  {
    name: "keeps identities apart, whatever they are made of",
    async run(subject, algorithm) {
      const limit = limitOf(algorithm, 1, 3_600_000);
      const run = subject.identity();
      const identities = oddTexts.flatMap((text) => [`${run}${text}`, `${text}${run}`]);
      for (const identity of identities) {
        const first = await subject.consumeOne({ identity, limit, cost: 1 });
        assertEqual(first.allowed, true, `the first request of ${JSON.stringify(identity).slice(0, 60)}`);
      }
      for (const identity of identities) {
        const second = await subject.consumeOne({ identity, limit, cost: 1 });
        assertEqual(second.allowed, false, `the second request of ${JSON.stringify(identity).slice(0, 60)}`);
      }
    },
  },
  {
    name: "keeps limits with different ids apart",
    async run(subject, algorithm) {
      const identity = subject.identity();
      const limit = limitOf(algorithm, 1, 3_600_000);
      for (const id of ["a", "b", "a:b", "a}:b"]) {
        const verdict = await subject.consumeOne({ identity, limit: { ...limit, id: `test:${id}` }, cost: 1 });
        assertEqual(verdict.allowed, true, `the first request under the limit ${id}`);
      }
    },
  },
  {
    name: "comes to an end when the caller has gone, and goes on working",
    async run(subject, algorithm) {
      const identity = subject.identity();
      const limit = limitOf(algorithm, 10, 3_600_000);
      const gone = new AbortController();
      gone.abort(new Error("the caller has gone"));
      const options = { nowMs: subject.nowMs, signal: gone.signal };
      // Whether it still answers is its own affair.
      const aborted = (async () => subject.store.consume([{ identity, limit, cost: 1 }], options))().then(
        ignore,
        ignore,
      );
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<"late">((resolve) => {
        timer = setTimeout(resolve, 5000, "late");
      });
      assert((await Promise.race([aborted, late])) !== "late", "an aborted decision ends within 5 s");
      clearTimeout(timer);
      assertEqual((await subject.consumeOne({ identity, limit, cost: 5 })).allowed, true, "the next decision");
    },
  },
];

function ignore(): void {}
