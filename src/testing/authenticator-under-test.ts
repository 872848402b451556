import { isPromise } from "../lib/maybe-promise.ts";
import { isFieldValue } from "../lib/tokens.ts";
import { isRefusal, type Refusal } from "../problem.ts";
import type { Anonymous, Authenticator, Identity, RequestContext } from "../types.ts";
import { assert } from "./assert.ts";
import { snapshot } from "./snapshot.ts";

/** The fields that carry a credential, by their names, with nothing else in them. */
export type CredentialFields = Readonly<Record<string, string>>;

/** An authenticator, and credentials for it. */
export interface AuthenticatorExample {
  readonly authenticator: Authenticator;
  /** Good credentials: of two callers at least, each with a subject of its own. */
  readonly good: readonly [CredentialFields, CredentialFields, ...CredentialFields[]];
  /** Bad ones, of as many kinds as there are: unknown, expired, revoked, for somebody else. */
  readonly bad: readonly [CredentialFields, ...CredentialFields[]];
}

/** What must hold of an authenticator. */
export interface AuthenticatorLaw {
  readonly name: string;
  readonly run: (subject: AuthenticatorUnderTest) => Promise<void>;
}

/** Fields, and words for them in messages: the credentials themselves stay out of logs. */
export interface Sent {
  readonly fields: CredentialFields;
  readonly what: string;
}

/** An authenticator, requests for it, and its answers with their form checked. */
export class AuthenticatorUnderTest {
  readonly authenticator: Authenticator;
  readonly good: readonly Sent[];
  readonly bad: readonly Sent[];

  constructor({ authenticator, good, bad }: AuthenticatorExample) {
    assert(good.length >= 2, "the example needs good credentials of two callers");
    assert(bad.length >= 1, "the example needs a bad credential");
    this.authenticator = authenticator;
    this.good = good.map((fields, index) => ({ fields, what: `good[${index}]` }));
    this.bad = bad.map((fields, index) => ({ fields, what: `bad[${index}]` }));
  }

  /** The fields in which the authenticator says that it looks. */
  get fields(): readonly string[] {
    return this.authenticator.fields ?? ["Authorization"];
  }

  /** What `present` says, which must be plain. */
  isPresent(request: Request, what: string): boolean {
    let isPresent: unknown;
    try {
      isPresent = this.authenticator.present(request);
    } catch (error) {
      assert(false, `present() throws for ${what}: ${error}`);
    }
    assert(
      typeof isPresent === "boolean",
      `present() must give true or false; for ${what} it gives ${typeof isPresent}`,
    );
    return isPresent;
  }

  /** The answer to a credential; `undefined` where there is none for this authenticator. */
  async ask({ fields, what }: Sent): Promise<Identity | Refusal | undefined> {
    const request = requestWith(fields);
    if (!this.isPresent(request, what)) return undefined;
    try {
      return await this.authenticator.authenticate(request, contextWith());
    } catch (error) {
      assert(false, `authenticate() throws for ${what}: ${error}`);
    }
  }

  /** The identity that a good credential gives. */
  async identify(sent: Sent): Promise<Identity> {
    const answer = await this.ask(sent);
    assert(answer !== undefined, `present() says no to ${sent.what}`);
    assert(!isRefusal(answer), `${sent.what} is refused: ${isRefusal(answer) && answer.code}`);
    return answer;
  }

  /** The refusal that a bad credential gives, in a form that can be sent. */
  async refuse(sent: Sent): Promise<Refusal> {
    const answer = await this.ask(sent);
    assert(answer !== undefined, `present() says no to ${sent.what}`);
    assertRefusal(answer, sent.what);
    return answer;
  }
}

function assertRefusal(answer: unknown, what: string): asserts answer is Refusal {
  assert(isRefusal(answer), `${what} must be refused, with what problem() makes`);
  const { status, code, headers } = answer;
  assert(status === 400 || status === 401, `${what} must be refused with 400 or 401, not ${status}`);
  assert(/^[a-z][a-z0-9_]*$/.test(code), `the code of ${what} must be snake_case`);
  for (const [name, value] of Object.entries(headers ?? {})) {
    assert(isFieldValue(value), `the field ${name} of the refusal of ${what} cannot be sent`);
  }
  const challenge = headers?.["www-authenticate"];
  assert(challenge !== undefined, `the refusal of ${what} needs WWW-Authenticate (RFC 9110 §15.5.2)`);
}

/** Asserts that what should not be accepted is not: absent is as good as refused. */
export async function assertNotAccepted(subject: AuthenticatorUnderTest, sent: Sent): Promise<void> {
  const answer = await subject.ask(sent);
  if (answer !== undefined) assertRefusal(answer, sent.what);
}

/** An answer as text, to compare it with another. */
export function described(answer: Identity | Anonymous | Refusal | undefined): string {
  if (answer === undefined || isRefusal(answer)) return snapshot(answer);
  const { method, subject, scopes } = answer; // an instance of a class may inherit them
  return snapshot({ ...answer, method, subject, scopes });
}

/** A request with these fields. */
export function requestWith(fields: CredentialFields, init: RequestInit = {}): Request {
  return new Request("https://api.example.com/notes/1?page=2", { ...init, headers: { ...fields } });
}

/** The context of a request. */
export function contextWith(signal: AbortSignal = new AbortController().signal): RequestContext {
  return {
    requestId: "3f6f7f0c-5a1e-4c0b-9d38-6c1f5e2a7b90",
    traceId: undefined,
    clientIp: "192.0.2.1",
    signal,
    waitUntil: (work) => {
      if (isPromise(work)) work.catch(ignore);
    },
  };
}

/** What happens behind an answer is no part of it. */
export function ignore(): void {}
