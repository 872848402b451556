import { parseStrictJson } from "../../lib/json.ts";
import { parseCompact, textOf } from "./compact.ts";
import type { KeyQuestion, KeySource } from "./key-source.ts";
import type { Reason } from "./reasons.ts";
import { isExpired, type TimeRules, type TokenTimes, timesOf } from "./times.ts";

/** The members of a JSON object, of which nothing is known. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** What of a gate headers are held to. */
export type HeaderRules = Pick<Gate, "algorithms" | "types" | "latest">;

/** A header and what it asks for. */
export interface LatestHeader {
  segment: string;
  question: KeyQuestion | undefined;
}

/** What can be said of a token before any key is touched. */
export interface Gate {
  /** The latest header that was let through: an issuer's tokens have few, and the same bytes say the same. */
  readonly latest: LatestHeader;
  readonly algorithms: ReadonlySet<string>;
  /** Accepted values of `typ`, in lower case and without `application/`; `undefined` stands for none. */
  readonly types: ReadonlySet<string | undefined>;
  /** Each issuer's keys. */
  readonly issuers: ReadonlyMap<string, KeySource>;
  readonly times: TimeRules;
}

/** A token that may be good: nothing in it is verified. */
export interface Candidate {
  readonly token: string;
  readonly question: KeyQuestion;
  readonly issuer: string;
  readonly keys: KeySource;
  readonly times: TokenTimes;
  /** Without a prototype: a claim such as `constructor` is there only if the token has it. */
  readonly claims: JsonObject;
}

const maxTokenLength = 8192;
const maxKidLength = 256;

/** A token whose form and header are as they must be. */
export interface ReadToken {
  readonly question: KeyQuestion;
  /** A segment of base64url. */
  readonly payload: string;
}

/** Reads the form and the header of a token. */
export function readToken(token: string, gate: HeaderRules): ReadToken | Reason {
  if (token.length > maxTokenLength) return "token_too_long";
  const compact = parseCompact(token);
  if (compact === undefined) return "malformed_token";
  const question = questionIn(compact.header, gate);
  return typeof question === "string" ? question : { question, payload: compact.payload };
}

function questionIn(segment: string, gate: HeaderRules): KeyQuestion | Reason {
  const { latest } = gate;
  if (latest.segment === segment && latest.question !== undefined) return latest.question;
  const header = objectIn(segment);
  const question = header === undefined ? "malformed_header" : readHeader(header, gate);
  if (typeof question === "string") return question;
  latest.segment = segment;
  latest.question = question;
  return question;
}

/** Lets through what only its signature and its further claims can refute: garbage costs no key and no fetch. */
export function admit(token: string, gate: Gate, nowSeconds: number): Candidate | Reason {
  const read = readToken(token, gate);
  if (typeof read === "string") return read;
  const claims = objectIn(read.payload);
  if (claims === undefined) return "malformed_claims";
  const { iss: issuer } = claims;
  const keys = typeof issuer === "string" ? gate.issuers.get(issuer) : undefined;
  if (typeof issuer !== "string" || keys === undefined) return "wrong_issuer";
  const times = timesOf(claims);
  if (typeof times === "string") return times;
  if (isExpired(times, gate.times, nowSeconds)) return "expired";
  return { token, question: read.question, issuer, keys, times, claims: Object.setPrototypeOf(claims, null) };
}

/** The object whose JSON a segment holds. With one key twice, two readers would see two tokens. */
function objectIn(segment: string): JsonObject | undefined {
  const parsed = parseStrictJson(textOf(segment) ?? "", true);
  if (parsed.fault !== undefined) return undefined;
  const { value } = parsed;
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined; // as just found
}

/** RFC 7515 §4.1. `jku`, `x5u`, `x5c` and `jwk` are not looked at: a key must not come with what it is to verify. */
function readHeader(
  header: JsonObject,
  { algorithms, types }: Pick<Gate, "algorithms" | "types">,
): KeyQuestion | Reason {
  const { alg, typ, kid, crit, b64 } = header;
  if (typeof alg !== "string" || !algorithms.has(alg)) return "algorithm_not_allowed";
  if (crit !== undefined || b64 !== undefined) return "critical_extension";
  if (typ !== undefined && typeof typ !== "string") return "wrong_type";
  if (!types.has(typ === undefined ? undefined : mediaType(typ))) return "wrong_type";
  if (kid !== undefined && (typeof kid !== "string" || kid.length > maxKidLength)) return "malformed_kid";
  return { alg, kid };
}

/** A media type as RFC 7515 §4.1.9 compares it. */
export function mediaType(typ: string): string {
  return typ.toLowerCase().replace(/^application\//, "");
}
