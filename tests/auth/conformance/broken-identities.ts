import { type Broken, type Change, having, identifying } from "./changes.ts";

const forgiving: Change = having(({ authenticate }) => ({
  authenticate: async (...args: Parameters<typeof authenticate>) => {
    const answer = await authenticate(...args);
    const isForgiven = "status" in answer && args[1].clientIp === undefined;
    return isForgiven ? { method: "session", subject: "ada", scopes: new Set() } : answer;
  },
}));

/** What is wrong with identities, and with what a policy is told. */
export const brokenIdentities: readonly Broken[] = [
  [
    "gives an identity without method",
    identifying((identity) => ({ ...identity, method: "" })),
    /method of good\[0\] must be a name/,
  ],
  [
    "gives an identity without subject",
    identifying((identity) => ({ ...identity, subject: "" })),
    /subject of good\[0\] must be a text/,
  ],
  [
    "gives nobody",
    identifying(({ scopes }) => ({ method: "anonymous", subject: null, scopes })),
    /must not be anonymous/,
  ],
  [
    "gives an issuer that is no text",
    identifying((identity) => ({ ...identity, issuer: 7 })),
    /issuer of good\[0\] must be a text/,
  ],
  [
    "gives scopes as a list",
    identifying((identity) => ({ ...identity, scopes: ["a"] })),
    /scopes of good\[0\] must be a Set/,
  ],
  [
    "gives scopes as one text",
    identifying((identity) => ({ ...identity, scopes: "a b" })),
    /scopes of good\[0\] must be a Set/,
  ],
  ["gives no scopes", identifying(({ method, subject }) => ({ method, subject })), /scopes of good\[0\] must be a Set/],
  [
    "gives a scope with a space",
    identifying((identity) => ({ ...identity, scopes: new Set(["a b"]) })),
    /has characters that no scope has/,
  ],
  [
    "gives a scope that it does not declare",
    having(() => ({ scopes: ["notes:write"] })),
    /not among the scopes .* declares: notes:read/,
  ],
  [
    "numbers its identities",
    (() => {
      let count = 0;
      return identifying((identity) => ({ ...identity, at: count++ }));
    })(),
    /good\[0\], asked again/,
  ],
  [
    "gives all the same subject",
    identifying((identity) => ({ ...identity, subject: "user" })),
    /number of different subjects/,
  ],
  [
    "keeps the caller in itself",
    having(({ authenticate }) => {
      let current: Request;
      return {
        authenticate: async (...args: Parameters<typeof authenticate>) => {
          current = args[0];
          await Promise.resolve();
          return authenticate(current, args[1]);
        },
      };
    }),
    /among concurrent calls/,
  ],
  [
    "shares scopes that can be changed",
    (() => {
      const scopes = new Set(["notes:read"]);
      return identifying((identity) => ({ ...identity, scopes }));
    })(),
    /good\[0\], after others were changed/,
  ],
  [
    "shares claims that can be changed",
    (() => {
      const claims = { roles: ["user"] };
      return identifying((identity) => Object.freeze({ ...identity, claims: Object.freeze({ ...claims }) }));
    })(),
    /good\[0\], after others were changed/,
  ],

  ["does not name its field", having(() => ({ fields: ["X-Session"] })), /fields must name Authorization/],
  ["has a prefix that is another's", having(() => ({ prefix: "key_" })), /good\[0\] must begin with the prefix/],
  [
    "challenges with an error",
    having(() => ({ challenge: 'Bearer realm="api", error="invalid_token"' })),
    /the challenge has an error/,
  ],
  ["has no challenge", having(() => ({ challenge: "" })), /auth\.challenge: must be a WWW-Authenticate value/],
  ["has no name", having(() => ({ name: "" })), /auth\.name: must be/],
  [
    "needs an address",
    having(({ authenticate }) => ({
      authenticate: (...args: Parameters<typeof authenticate>) => {
        if (args[1].clientIp === undefined) throw new Error("no address");
        return authenticate(...args);
      },
    })),
    /lets good credentials through a policy[^\n]*good\[0\]/,
  ],
  ["lets a bad one through where no address is known", forgiving, /no bad ones: bad\[0\]/],
  ["lets a bad one through optional()", forgiving, /under optional\(\)[^\n]*refused: bad\[0\]/],
  [
    "is never present to a good credential",
    having(() => ({ present: () => false })),
    /gives an identity[^\n]*says no to good\[0\]/,
  ],
  [
    "is never present to a bad one",
    having(() => ({ present: () => false })),
    /refuses a bad credential[^\n]*says no to bad\[0\]/,
  ],
  [
    "takes nothing for a good credential",
    having(() => ({
      present: () => true,
      authenticate: () => ({ method: "session", subject: "ada", scopes: new Set() }),
    })),
    /names no error[^\n]*a request without credentials/,
  ],
  [
    "steps back behind another credential",
    having(() => ({
      present: ({ headers }: Request) => headers.has("authorization") && [...headers.keys()].length === 1,
    })),
    /good\[0\] beside another credential/,
  ],
  [
    "takes a request without credentials for one with",
    having(() => ({ present: () => true })),
    /under optional\(\).*without credentials/s,
  ],
  [
    "claims what is another's",
    having(() => ({ present: () => true })),
    /in anyOf\(\).*the credential of another method/s,
  ],
];
