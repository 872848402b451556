import { problem } from "../../../src/index.ts";
import { type Broken, having, identifying, refusing } from "./changes.ts";

const good = "Bearer s3cr3t-of-ada";
const neverRefusal = { ...problem(400, "never") };

/** What is wrong with how credentials are read and refused. */
export const brokenCredentials: readonly Broken[] = [
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
];
