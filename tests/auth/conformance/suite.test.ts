import { describe, expect, test } from "vitest";
import { type Authenticator, type Identity, problem, type Refusal } from "../../../src/index.ts";
import { type AuthenticatorExample, testAuthenticator } from "../../../src/testing.ts";
import { sessionCookies, sessions, signed } from "./authenticators.ts";

/** What the suite is not told by types. */
type Change = (example: AuthenticatorExample) => object;
type Answer = Identity | Refusal;

/** Runs the suite by hand, and gives the names and messages of the tests that fail. */
async function failuresOf(make: () => AuthenticatorExample, change: Change): Promise<readonly string[]> {
  const tests = new Map<string, () => Promise<void>>();
  const makeExample = (): AuthenticatorExample => {
    const example = make();
    return { ...example, ...change(example) };
  };
  testAuthenticator(makeExample, { test: (name, run) => tests.set(name, run) });
  const failures: string[] = [];
  for (const [name, run] of tests) {
    await run().catch((error: unknown) => failures.push(`${name}: ${Object(error).message}`));
  }
  return failures;
}

/** An authenticator of which some members are others. */
const having =
  (members: (authenticator: Authenticator) => object): Change =>
  ({ authenticator }) => ({ authenticator: { ...authenticator, ...members(authenticator) } });

/** An authenticator that changes its answers. */
const answering = (change: (answer: Answer, request: Request) => unknown): Change =>
  having(({ authenticate }) => ({
    authenticate: async (...args: Parameters<typeof authenticate>) => change(await authenticate(...args), args[0]),
  }));

/** One that changes what it says of good credentials, or of bad ones. */
const identifying = (change: (identity: Identity, request: Request) => unknown): Change =>
  answering((answer, request) => ("status" in answer ? answer : change(answer, request)));
const refusing = (change: (refusal: Refusal, request: Request) => unknown): Change =>
  answering((answer, request) => ("status" in answer ? change(answer, request) : answer));

const good = "Bearer s3cr3t-of-ada";
const neverRefusal = { ...problem(400, "never") };

const forgiving: Change = having(({ authenticate }) => ({
  authenticate: async (...args: Parameters<typeof authenticate>) => {
    const answer = await authenticate(...args);
    const isForgiven = "status" in answer && args[1].clientIp === undefined;
    return isForgiven ? { method: "session", subject: "ada", scopes: new Set() } : answer;
  },
}));

/** Each is wrong in one way that the suite has a word for. */
const broken: readonly (readonly [what: string, change: Change, finding: RegExp])[] = [
  ["is given one caller only", () => ({ good: [{ Authorization: good }] }), /good credentials of two callers/],
  ["is given no bad credential", () => ({ bad: [] }), /needs a bad credential/],

  ["is present without a credential", having(() => ({ present: () => true })), /present\(\) without a credential/],
  ["is never present", having(() => ({ present: () => false })), /present\(\) with good\[0\]/],
  [
    "promises whether it is present",
    having(({ present }) => ({ present: async (request: Request) => present(request) })),
    /gives object/,
  ],
  [
    "is present in its own words",
    having(() => ({ present: (request: Request) => request.headers.get("authorization") })),
    /gives (?:object|string)/,
  ],
  [
    "throws in present",
    having(() => ({
      present: (request: Request) => {
        const value = request.headers.get("authorization");
        if (value !== null) decodeURIComponent(value);
        return value !== null;
      },
    })),
    /present\(\) throws for Authorization: "%"/,
  ],
  [
    "remembers the last search",
    having(() => {
      const pattern = /^bearer /gi;
      return { present: (request: Request) => pattern.test(request.headers.get("authorization") ?? "") };
    }),
    /present\(\) with good\[0\], asked again/,
  ],
  [
    "throws for a bad credential",
    refusing(() => {
      throw new Error("bad signature");
    }),
    /authenticate\(\) throws for bad\[0\]: Error: bad signature/,
  ],
  [
    "throws where a credential is odd",
    having(({ authenticate }) => ({
      authenticate: (...args: Parameters<typeof authenticate>) => {
        atob(args[0].headers.get("authorization")?.replace(/^\w+ */, "") ?? "");
        return authenticate(...args);
      },
    })),
    /authenticate\(\) throws for/,
  ],
  [
    "accepts a bad credential",
    refusing(() => ({ method: "session", subject: "eve", scopes: new Set() })),
    /bad\[0\] must be refused/,
  ],
  ["says no by null", refusing(() => null), /bad\[0\] must be refused, with what problem\(\) makes/],
  ["says no by a Response", refusing(() => new Response(null, { status: 401 })), /must be refused, with what problem/],
  ["refuses a good credential", identifying(() => neverRefusal), /good\[0\] is refused: never/],
  ["refuses with 403", refusing((refusal) => ({ ...refusal, status: 403 })), /with 400 or 401, not 403/],
  [
    "refuses with a sentence",
    refusing((refusal) => ({ ...refusal, code: "Bad token" })),
    /code of .* must be snake_case/,
  ],
  [
    "refuses with a field that cannot be sent",
    refusing((refusal) => ({ ...refusal, headers: { ...refusal.headers, "x-reason": "a\r\nb" } })),
    /field x-reason of the refusal of .* cannot be sent/,
  ],
  ["refuses without a challenge", refusing((refusal) => ({ ...refusal, headers: {} })), /needs WWW-Authenticate/],
  [
    "refuses otherwise each time",
    (() => {
      let count = 0;
      return refusing((refusal) => ({ ...refusal, detail: `attempt ${count++}` }));
    })(),
    /the refusal of bad\[0\], asked again/,
  ],
  [
    "tells the credential",
    refusing((refusal, { headers }) => ({ ...refusal, detail: headers.get("authorization") })),
    /holds a part of the credential/,
  ],
  [
    "tells the credential as the reason",
    refusing((refusal, { headers }) => ({ ...refusal, reason: headers.get("authorization") })),
    /holds a part/,
  ],
  [
    "reads the first of several values",
    having(({ authenticate }) => ({
      authenticate: (request: Request, context: Parameters<typeof authenticate>[1]) => {
        const first = request.headers.get("authorization")?.split(",", 1)[0] ?? "";
        return authenticate(new Request(request.url, { headers: { authorization: first } }), context);
      },
    })),
    /good\[0\] with its Authorization sent twice must be refused/,
  ],
  [
    "takes a beginning for the whole",
    having(({ authenticate }) => ({
      authenticate: (request: Request, context: Parameters<typeof authenticate>[1]) => {
        const value = request.headers.get("authorization") ?? "";
        const whole = /^(Bearer s3cr3t-of-(?:ada|bob))/.exec(value)?.[1] ?? value;
        return authenticate(new Request(request.url, { headers: { authorization: whole } }), context);
      },
    })),
    /good\[0\] with its Authorization lengthened must be refused/,
  ],
  [
    "consumes the body",
    having(({ authenticate }) => ({
      authenticate: async (...args: Parameters<typeof authenticate>) => {
        await args[0].text();
        return authenticate(...args);
      },
    })),
    /the body of a request with good\[0\], in use/,
  ],
  [
    "keeps the body to itself",
    having(({ authenticate }) => ({
      authenticate: (...args: Parameters<typeof authenticate>) => {
        args[0].body?.getReader();
        return authenticate(...args);
      },
    })),
    /the body of a request with good\[0\], in use/,
  ],
  [
    "takes the credential off the request",
    having(({ authenticate }) => ({
      authenticate: (...args: Parameters<typeof authenticate>) => {
        const answer = authenticate(...args);
        args[0].headers.delete("authorization");
        return answer;
      },
    })),
    /the fields of a request with good\[0\]/,
  ],
  [
    "waits for a caller who has gone",
    having(({ authenticate }) => ({
      authenticate: (...args: Parameters<typeof authenticate>) =>
        args[1].signal.aborted ? new Promise(() => {}) : authenticate(...args),
    })),
    /authenticate\(\) ends within 5 s/,
  ],

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

describe("the suite finds an authenticator that", () => {
  test.each(broken)("%s", async (_what, change, finding) => {
    expect((await failuresOf(sessions, change)).join("\n")).toMatch(finding);
  });

  test("is in a cookie and not ambient", async () => {
    const failures = await failuresOf(
      sessionCookies,
      having(() => ({ ambient: false })),
    );
    expect(failures.join("\n")).toMatch(/is ambient where the credential is in a cookie/);
  });

  test("accepts half of a credential in two fields", async () => {
    const forgetful: Change = having(({ authenticate }) => ({
      authenticate: (request: Request, context: Parameters<typeof authenticate>[1]) => {
        const name = request.headers.get("x-key-id");
        return request.headers.has("x-signature")
          ? authenticate(request, context)
          : { method: "signature", subject: name, scopes: new Set() };
      },
    }));
    expect((await failuresOf(signed, forgetful)).join("\n")).toMatch(
      /good\[0\] without its X-Signature must be refused/,
    );
  });
});

test.each([
  ["sessions", sessions],
  ["cookies", sessionCookies],
  ["signatures in two fields", signed],
])("the suite finds nothing in the authenticator that was broken: %s", async (_what, make) => {
  expect(await failuresOf(make, () => ({}))).toEqual([]);
});

test("no message of the suite shows a credential", async () => {
  const messages = await Promise.all(broken.slice(0, 12).map(([, change]) => failuresOf(sessions, change)));
  expect(messages.flat().join("\n")).not.toMatch(/s3cr3t-of-(?:ada|bob|nobody)/);
});

test("the suite calls close with each example, also when a test fails", async () => {
  const closed = new Set<AuthenticatorExample>();
  const runs: (() => Promise<void>)[] = [];
  const makeExample = (): AuthenticatorExample => ({ ...sessions(), bad: [{ Authorization: good }] });
  testAuthenticator(makeExample, {
    test: (_name, run) => runs.push(run),
    close: (example) => void closed.add(example),
  });
  const results = await Promise.allSettled(runs.map((run) => run()));
  expect(closed.size).toBe(runs.length);
  expect(results.some(({ status }) => status === "rejected")).toBe(true);
});
