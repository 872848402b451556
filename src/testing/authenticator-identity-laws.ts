import { isScope } from "../auth/challenge.ts";
import type { Identity } from "../types.ts";
import { assert, assertEqual } from "./assert.ts";
import { type AuthenticatorLaw, type AuthenticatorUnderTest, described } from "./authenticator-under-test.ts";
import { scribbleOn } from "./snapshot.ts";

const concurrentRounds = 20;

/** What comes out: whose credential it is. */
export const identityLaws: readonly AuthenticatorLaw[] = [
  {
    name: "gives an identity for a good credential: method, subject and a set of scopes",
    async run(subject) {
      for (const sent of subject.good) {
        const identity = await subject.identify(sent);
        const { method, subject: name, issuer } = identity;
        assert(typeof method === "string" && method !== "", `the method of ${sent.what} must be a name`);
        assert(method !== "anonymous", `${sent.what} must not be anonymous`);
        assert(typeof name === "string" && name !== "", `the subject of ${sent.what} must be a text that is not empty`);
        assert(issuer === undefined || typeof issuer === "string", `the issuer of ${sent.what} must be a text`);
        assertScopes(subject, identity, sent.what);
      }
    },
  },
  {
    name: "gives each caller a subject, and the same caller the same identity each time",
    async run(subject) {
      const owners = new Set<string>();
      for (const sent of subject.good) {
        const identity = await subject.identify(sent);
        owners.add(JSON.stringify([identity.method, identity.issuer, identity.subject]));
        assertEqual(described(await subject.identify(sent)), described(identity), `${sent.what}, asked again`);
      }
      assertEqual(owners.size, subject.good.length, "the number of different subjects");
    },
  },
  {
    name: "keeps concurrent calls apart",
    async run(subject) {
      const all = [...subject.good, ...subject.bad];
      const alone: string[] = [];
      for (const sent of all) alone.push(described(await subject.ask(sent)));
      const many = Array.from({ length: concurrentRounds * all.length }, (_, index) => index % all.length);
      const answers = await Promise.all(
        many.map(async (index) => {
          const sent = all[index];
          return sent && described(await subject.ask(sent));
        }),
      );
      for (const [count, index] of many.entries()) {
        assertEqual(answers[count], alone[index], `the answer to ${all[index]?.what} among concurrent calls`);
      }
    },
  },
  {
    name: "gives identities and refusals that no other request can change",
    async run(subject) {
      const all = [...subject.good, ...subject.bad];
      const before: string[] = [];
      for (const sent of all) before.push(described(await subject.ask(sent)));
      for (const sent of subject.good) scribbleOn(await subject.identify(sent));
      for (const [index, sent] of all.entries()) {
        assertEqual(described(await subject.ask(sent)), before[index], `${sent.what}, after others were changed`);
      }
    },
  },
];

function assertScopes({ authenticator }: AuthenticatorUnderTest, { scopes }: Identity, what: string): void {
  const isSet = typeof scopes?.has === "function" && typeof scopes[Symbol.iterator] === "function";
  assert(isSet && typeof scopes.size === "number", `the scopes of ${what} must be a Set`);
  for (const scope of scopes) {
    assert(isScope(scope), `a scope of ${what} has characters that no scope has (RFC 6749 §3.3)`);
    const isDeclared = authenticator.scopes === undefined || authenticator.scopes.includes(scope);
    assert(isDeclared, `a scope of ${what} is not among the scopes that the authenticator declares: ${scope}`);
  }
}
