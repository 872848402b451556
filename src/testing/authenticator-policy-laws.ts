import { bearerCredential } from "../auth/bearer.ts";
import { anyOf, optional, partsOf } from "../auth/compound.ts";
import { policy } from "../policy.ts";
import type { Anonymous, Authenticator, Identity } from "../types.ts";
import { assert, assertEqual } from "./assert.ts";
import { type AuthenticatorLaw, type CredentialFields, described, requestWith } from "./authenticator-under-test.ts";

/** An answer of a policy, and who the handler was told; `undefined` when it did not run. */
interface Outcome {
  readonly status: number;
  readonly auth: Identity | Anonymous | undefined;
}

async function answer(auth: Authenticator<Identity | Anonymous>, fields: CredentialFields): Promise<Outcome> {
  let seen: Identity | Anonymous | undefined;
  const api = policy({ auth, onEvent: () => {} });
  const { status } = await api((_request, context) => {
    seen = context.auth;
    return new Response(null, { status: 204 });
  })(requestWith(fields));
  return { status, auth: seen };
}

/** Another method, for `anyOf()`. */
const other: Authenticator = {
  name: "another method of the suite",
  challenge: 'Suite realm="suite"',
  fields: ["X-Suite-Credential"],
  present: (request) => request.headers.has("x-suite-credential"),
  authenticate: () => ({ method: "suite", subject: "suite", scopes: new Set() }),
};

/** How it behaves where it is used. */
export const policyLaws: readonly AuthenticatorLaw[] = [
  {
    name: "names the fields that carry the credential, for Vary and CORS",
    async run({ fields, good, bad }) {
      const named = fields.map((field) => field.toLowerCase());
      for (const sent of [...good, ...bad]) {
        for (const field of Object.keys(sent.fields)) {
          assert(named.includes(field.toLowerCase()), `fields must name ${field}, which ${sent.what} uses`);
        }
      }
    },
  },
  {
    name: "says whether it is ambient where the credential is in a cookie, which browsers send by themselves",
    async run({ authenticator, good }) {
      const isCookie = good.some(({ fields }) => Object.keys(fields).some((field) => /^cookie$/i.test(field)));
      assert(!isCookie || authenticator.ambient !== undefined, "ambient must be true, or false where no browser comes");
    },
  },
  {
    name: "has a prefix that its bearer credentials begin with, or none",
    async run({ authenticator: { prefix }, good }) {
      if (prefix === undefined) return;
      for (const { fields, what } of good) {
        const credential = bearerCredential(requestWith(fields));
        assert(credential === undefined || credential.startsWith(prefix), `${what} must begin with the prefix`);
      }
    },
  },
  {
    name: "has a challenge for requests without credentials, which names no error (RFC 6750 §3.1)",
    async run({ authenticator }) {
      assertEqual(await answer(authenticator, {}), { status: 401, auth: undefined }, "a request without credentials");
      assert(!/[ ,]error *=/i.test(authenticator.challenge), "the challenge has an error");
    },
  },
  {
    name: "lets good credentials through a policy, also where no address is known, and no bad ones",
    async run(subject) {
      for (const sent of subject.good) {
        const { status, auth } = await answer(subject.authenticator, sent.fields);
        assertEqual([status, described(auth)], [204, described(await subject.identify(sent))], sent.what);
      }
      for (const sent of subject.bad) {
        const { status } = await subject.refuse(sent);
        assertEqual(await answer(subject.authenticator, sent.fields), { status, auth: undefined }, sent.what);
      }
    },
  },
  {
    name: "under optional(), nobody is anonymous and a bad credential is refused",
    async run(subject) {
      const auth = optional(subject.authenticator);
      assertEqual((await answer(auth, {})).auth?.method, "anonymous", "without credentials");
      for (const sent of subject.bad) {
        const { status } = await subject.refuse(sent);
        assertEqual(await answer(auth, sent.fields), { status, auth: undefined }, sent.what);
      }
    },
  },
  {
    name: "in anyOf(), is asked about its own credentials only, and never together with another",
    async run({ authenticator, good }) {
      if (partsOf(authenticator).authenticators.length > 1) return; // its parts are for anyOf(), not itself
      const auth = anyOf(authenticator, other);
      const suite = { "X-Suite-Credential": "1" };
      assertEqual((await answer(auth, suite)).auth?.method, "suite", "the credential of another method");
      for (const { fields, what } of good) {
        const both = await answer(auth, { ...fields, ...suite });
        const expected = authenticator.ambient === true ? [204, "suite"] : [400, undefined];
        assertEqual([both.status, both.auth?.method], expected, `${what} beside another credential`);
      }
    },
  },
];
