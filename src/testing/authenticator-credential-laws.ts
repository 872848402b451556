import { isRefusal } from "../problem.ts";
import { assert, assertEqual } from "./assert.ts";
import {
  type AuthenticatorLaw,
  type AuthenticatorUnderTest,
  assertNotAccepted,
  contextWith,
  described,
  ignore,
  requestWith,
  type Sent,
} from "./authenticator-under-test.ts";

/** Values that a careless reader of fields trips over. Fields can hold no others: they are Latin-1 without controls. */
const oddValues: readonly string[] = [
  "",
  ",",
  "Bearer",
  "bearer ,",
  "Bearer a b",
  "Bearer a, Bearer b",
  "Bearer =",
  "Basic !",
  "Basic Og==",
  "null",
  "undefined",
  "__proto__",
  "constructor",
  '"',
  "\\",
  "%",
  "%00",
  "a=b; c",
  "{}",
  "\xe9\xff",
  "Bearer \xe9\xff",
  "x".repeat(100_000),
  `Bearer ${"x".repeat(100_000)}`,
  `Bearer ${"a.".repeat(50_000)}`,
];

const canary = "canary7Qz3Xv9Lm2";

/** A text that is in no answer unless the credential got there. */
function withCanary(text: string): string {
  return text.replace(/[^\s=;,"]+$/, canary);
}

/** What bad copying, bad luck and bad intent make of a good credential. Cookies stand among others: they are not cut. */
function damaged({ fields, what }: Sent): readonly Sent[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    const change = (how: string, changed: string): Sent => ({
      fields: { ...fields, [name]: changed },
      what: `${what} with its ${name} ${how}`,
    });
    const always = [change("replaced", withCanary(value)), change("lengthened", `${value}${canary}`)];
    if (/^cookie$/i.test(name)) return always;
    return [
      ...always,
      change("emptied", ""),
      change("cut short", value.slice(0, -1)),
      change("sent twice", `${value}, ${value}`),
    ];
  });
}

/** What goes in: that a credential is there, and that only a good one is good. */
export const credentialLaws: readonly AuthenticatorLaw[] = [
  {
    name: "says whether a credential is there: yes to a good or bad one, no without one",
    async run(subject) {
      assertEqual(subject.isPresent(requestWith({}), "no credential"), false, "present() without a credential");
      for (const { fields, what } of [...subject.good, ...subject.bad]) {
        assertEqual(subject.isPresent(requestWith(fields), what), true, `present() with ${what}`);
        assertEqual(subject.isPresent(requestWith(fields), what), true, `present() with ${what}, asked again`);
      }
    },
  },
  {
    name: "answers whatever its fields hold, without an identity",
    async run(subject) {
      for (const field of subject.fields) {
        for (const value of oddValues) {
          const what = `${field}: ${JSON.stringify(value.slice(0, 30))} (${value.length} characters)`;
          await assertNotAccepted(subject, { fields: { [field]: value }, what });
        }
      }
    },
  },
  {
    name: "refuses a bad credential with 400 or 401 and a challenge, each time the same",
    async run(subject) {
      for (const sent of subject.bad) {
        const first = described(await subject.refuse(sent));
        assertEqual(described(await subject.refuse(sent)), first, `the refusal of ${sent.what}, asked again`);
      }
    },
  },
  {
    name: "does not accept a good credential that was changed, cut short, emptied or sent twice",
    async run(subject) {
      for (const sent of subject.good.flatMap(damaged)) await assertNotAccepted(subject, sent);
    },
  },
  {
    name: "does not accept a credential of several fields of which one is missing",
    async run(subject) {
      for (const { fields, what } of subject.good) {
        for (const name of Object.keys(fields)) {
          const { [name]: _, ...others } = fields;
          await assertNotAccepted(subject, { fields: others, what: `${what} without its ${name}` });
        }
      }
    },
  },
  {
    name: "tells nothing of a credential in a refusal",
    async run(subject) {
      for (const sent of [...subject.bad, ...subject.good.flatMap(damaged)]) await assertTellsNothing(subject, sent);
    },
  },
  {
    name: "leaves the request as it was: its body unread, its fields unchanged",
    async run(subject) {
      for (const { fields, what } of [...subject.good, ...subject.bad]) {
        const request = requestWith(fields, { method: "POST", body: "the body" });
        const before = [...request.headers];
        if (subject.isPresent(request, what)) await subject.authenticator.authenticate(request, contextWith());
        assertEqual([...request.headers], before, `the fields of a request with ${what}`);
        assertEqual(
          [request.bodyUsed, request.body?.locked],
          [false, false],
          `the body of a request with ${what}, in use`,
        );
      }
    },
  },
  {
    name: "comes to an end when the caller has gone",
    async run(subject) {
      const gone = AbortSignal.abort(new Error("the caller has gone"));
      for (const { fields, what } of [...subject.good, ...subject.bad]) {
        const request = requestWith(fields, { signal: gone });
        // Whether it still answers is its own affair.
        const answered = (async () => subject.authenticator.authenticate(request, contextWith(gone)))().then(
          ignore,
          ignore,
        );
        assert(await isInTime(answered), `authenticate() ends within 5 s for ${what}`);
      }
    },
  },
];

/** The words of the credential that are long enough not to be in a text by chance. */
async function assertTellsNothing(subject: AuthenticatorUnderTest, sent: Sent): Promise<void> {
  const answer = await subject.ask(sent);
  if (!isRefusal(answer)) return;
  const text = JSON.stringify(answer);
  const words = Object.values(sent.fields).flatMap((value) => value.match(/[^\s=;,"]{8,}/g) ?? []);
  for (const word of [canary, ...words]) {
    assert(!text.includes(word), `the refusal of ${sent.what} holds a part of the credential`);
  }
}

async function isInTime(work: Promise<void>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(resolve, 5000, "late");
  });
  const first = await Promise.race([work, late]);
  clearTimeout(timer);
  return first !== "late";
}
