import type { Finisher } from "../exit.ts";
import { type Options, show } from "../lib/options.ts";
import type { ResponseFields } from "../response-fields.ts";
import type { Counted, Limit } from "./store.ts";

/**
 * A way to tell clients of limits: `"draft-11"` and `"draft-7"`, `"draft-6"` of draft-ietf-httpapi-ratelimit-headers, and
 * the fields that many services send. `"draft-11"` and `"draft-7"` cannot both write `RateLimit`.
 */
export type RateLimitFieldFamily = "draft-11" | "draft-7" | "draft-6" | "x-ratelimit";

/** What the fields say of a limit, whatever is left of it. */
export interface LimitTexts {
  /** `100` */
  readonly quota: string;
  /** `100;w=60` */
  readonly policy: string;
  /** `"name";q=100;w=60` */
  readonly namedPolicy: string;
  /** `"name";r=`, which what is left follows. */
  readonly namedRest: string;
}

/** Writes the texts of a limit once, at construction. */
export function textsOf({ name, limit, windowMs }: Limit): LimitTexts {
  const windowSeconds = windowMs / 1000;
  return {
    quota: String(limit),
    policy: `${limit};w=${windowSeconds}`,
    namedPolicy: `"${name}";q=${limit};w=${windowSeconds}`,
    namedRest: `"${name}";r=`,
  };
}

interface Family {
  readonly names: readonly string[];
  /** What it says of a limit in `RateLimit-Policy`, where it writes that. */
  readonly policy?: (counted: Counted) => string;
  /** Writes what is left: of all limits, or of the one nearest to exhaustion. */
  readonly write: (fields: ResponseFields, nearest: Counted, known: readonly Counted[], nowMs: number) => void;
}

const families: Readonly<Record<RateLimitFieldFamily, Family>> = {
  "draft-7": {
    names: ["RateLimit-Policy", "RateLimit"],
    policy: policyOf,
    write(fields, { limit, verdict }) {
      fields.set(
        "ratelimit",
        `limit=${limit.texts.quota}, remaining=${verdict.remaining}, reset=${secondsToReset(verdict)}`,
      );
    },
  },
  "draft-6": {
    names: ["RateLimit-Policy", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"],
    policy: policyOf,
    write(fields, { limit, verdict }) {
      fields.set("ratelimit-limit", limit.texts.quota);
      fields.set("ratelimit-remaining", String(verdict.remaining));
      fields.set("ratelimit-reset", String(secondsToReset(verdict)));
    },
  },
  "x-ratelimit": {
    names: ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"],
    write(fields, { limit, verdict }, _known, nowMs) {
      fields.set("x-ratelimit-limit", limit.texts.quota);
      fields.set("x-ratelimit-remaining", String(verdict.remaining));
      fields.set("x-ratelimit-reset", String(secondsToReset(verdict, nowMs)));
    },
  },
  // Last, as its policies say all that draft-6 says.
  "draft-11": {
    names: ["RateLimit-Policy", "RateLimit"],
    policy: namedPolicyOf,
    write(fields, _nearest, known) {
      fields.set("ratelimit", list(known, namedRestOf));
    },
  },
};

const defaultFamilies: readonly RateLimitFieldFamily[] = ["draft-11", "x-ratelimit"];

/** The fields of a policy: what browsers are told of them, and what writes them over every counted response. */
export interface RateLimitFields {
  readonly names: readonly string[];
  readonly write: Finisher;
}

/** Reads `rateLimitFields`. */
export function readRateLimitFields(options: Options): RateLimitFields {
  const chosen = options.strings("rateLimitFields") ?? defaultFamilies;
  for (const name of chosen) {
    if (!Object.hasOwn(families, name))
      options.refuse("rateLimitFields", `${show(name)} must be one of ${Object.keys(families).map(show).join(", ")}`);
  }
  if (chosen.includes("draft-11") && chosen.includes("draft-7")) {
    options.refuse("rateLimitFields", `"draft-11" and "draft-7" both write RateLimit: choose one`);
  }
  const used = Object.entries(families).flatMap(([name, family]) => (chosen.includes(name) ? [family] : []));
  const names = [...new Set(chosen.flatMap((name) => families[name as RateLimitFieldFamily]?.names ?? []))];
  const written = names.map((name) => name.toLowerCase());
  return {
    names,
    write: (fields, { counted: own, nowMs }) => {
      if (own === undefined) return;
      const counted = fields.counted === undefined ? own : withInner(fields.counted, own);
      fields.counted = counted;
      const known = counted.every(isKnown) ? counted : counted.filter(isKnown);
      // What the handler says, or took from another server, is not about these limits.
      if (known.length === 0) for (const name of written) fields.delete(name);
      const nearest = nearestOf(known);
      for (const { policy, write } of used) {
        if (policy !== undefined) fields.set("ratelimit-policy", list(counted, policy));
        if (nearest !== undefined) write(fields, nearest, known, nowMs);
      }
    },
  };
}

/** Beside the limits of an inner policy; of two with one name, clients are told of the inner one. */
function withInner(inner: readonly Counted[], own: readonly Counted[]): readonly Counted[] {
  return [...inner, ...own.filter((counted) => inner.every(({ limit }) => limit.name !== counted.limit.name))];
}

/** What the fields cannot carry (RFC 9651 §3.3.1) is as good as unknown: a store may be anybody's. */
function isKnown({ verdict: { remaining, resetMs } }: Counted): boolean {
  return Number.isInteger(remaining) && isCount(remaining) && isCount(resetMs);
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && value < 1e15;
}

function policyOf({ limit }: Counted): string {
  return limit.texts.policy;
}

function namedPolicyOf({ limit }: Counted): string {
  return limit.texts.namedPolicy;
}

function namedRestOf({ limit, verdict }: Counted): string {
  return `${limit.texts.namedRest}${verdict.remaining};t=${secondsToReset(verdict)}`;
}

/** For the fields that have room for one limit. */
function nearestOf(known: readonly Counted[]): Counted | undefined {
  return known.length > 0 ? known.reduce(nearer) : undefined;
}

/** The one that is nearer to exhaustion. */
function nearer(first: Counted, second: Counted): Counted {
  if (first.verdict.allowed !== second.verdict.allowed) return first.verdict.allowed ? second : first;
  if (!first.verdict.allowed) return second.verdict.retryAfterMs > first.verdict.retryAfterMs ? second : first;
  return share(second) < share(first) ? second : first;
}

function share({ limit, verdict }: Counted): number {
  return (verdict.remaining ?? Number.POSITIVE_INFINITY) / limit.limit;
}

function secondsToReset({ resetMs }: Counted["verdict"], fromMs = 0): number {
  return Math.ceil((fromMs + (resetMs ?? 0)) / 1000);
}

function list(counted: readonly Counted[], text: (counted: Counted) => string): string {
  const [only] = counted;
  return only !== undefined && counted.length === 1 ? text(only) : counted.map(text).join(", ");
}
