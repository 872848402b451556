import type { Exchange } from "../exchange.ts";
import { type Refusal, refuse } from "../problem.ts";
import { accepts } from "./accept.ts";
import { parseMediaType } from "./media-type.ts";

/** What the fields of a request must say, where that is checked. */
export interface FieldsPlan {
  /** Media types and `application/*+json` patterns. */
  readonly accepts: readonly string[];
  /** What responses may be; `undefined` where `Accept` is not looked at. */
  readonly produces: readonly string[] | undefined;
  /** Content codings of bodies, besides identity. */
  readonly encodings: readonly string[];
}

const detail = "The request body has a media type or content coding that is not accepted.";
const overridden = /* @__PURE__ */ refuse(
  400,
  "method_override_refused",
  "The method cannot be overridden by a field.",
);
const notAcceptable = /* @__PURE__ */ refuse(
  406,
  "not_acceptable",
  "Nothing that this resource produces is acceptable.",
);
const overrideFields: readonly string[] = ["x-http-method-override", "x-http-method", "x-method-override"];

/** Refuses by `Content-Type`, `Content-Encoding`, `Accept` and method-override fields. */
export function refuseFields(plan: FieldsPlan, exchange: Exchange): Refusal | undefined {
  const { request, method, body } = exchange;
  for (const name of overrideFields) {
    const override = request.headers.get(name);
    if (override !== null && override !== method) return overridden;
  }
  const isDeclared = body.presence === "sized" || body.presence === "streamed";
  const mistyped = isDeclared ? refuseType(plan, exchange) : undefined;
  if (mistyped !== undefined) return mistyped;
  const accept = plan.produces === undefined ? null : request.headers.get("accept");
  return accept === null || plan.produces === undefined || accepts(accept, plan.produces) ? undefined : notAcceptable;
}

/** Refuses the type or coding of a body that is there. */
export function refuseType(plan: FieldsPlan, { request: { headers }, method }: Exchange): Refusal | undefined {
  const coding = headers.get("content-encoding")?.trim().toLowerCase();
  if (coding !== undefined && coding !== "identity" && !plan.encodings.includes(coding)) {
    return refuse(415, "unsupported_media_type", detail, {
      "accept-encoding": ["identity", ...plan.encodings].join(", "),
    });
  }
  return isAcceptedType(headers.get("content-type"), plan.accepts) ? undefined : unsupported(plan.accepts, method);
}

function isAcceptedType(value: string | null, accepted: readonly string[]): boolean {
  if (value !== null && accepted.includes(value)) return true; // as nearly all clients send it
  const mediaType = value === null ? undefined : parseMediaType(value);
  if (mediaType === undefined || (mediaType.parameters.get("charset") ?? "utf-8").toLowerCase() !== "utf-8")
    return false;
  return accepted.some((pattern) => covers(pattern, mediaType.essence));
}

/** Types that browsers send without a preflight (Fetch, "CORS protocol exceptions"): never covered by a pattern. */
const unaskedTypes: readonly string[] = [
  "application/csp-report",
  "application/expect-ct-report+json",
  "application/ocsp-request",
  "application/reports+json",
  "application/xss-auditor-report",
];

function covers(pattern: string, essence: string): boolean {
  const star = pattern.indexOf("*");
  if (star === -1) return pattern === essence;
  const [prefix, suffix] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return (
    essence.length > prefix.length + suffix.length &&
    essence.startsWith(prefix) &&
    essence.endsWith(suffix) &&
    !unaskedTypes.includes(essence)
  );
}

/** What would be accepted (RFC 9110 §15.5.16; Accept-Patch: RFC 5789 §3.1). */
function unsupported(accepted: readonly string[], method: string): Refusal {
  const list = accepted.join(", ");
  return refuse(415, "unsupported_media_type", detail, {
    accept: list,
    ...(method === "PATCH" && { "accept-patch": list }),
    ...(method === "POST" && { "accept-post": list }),
  });
}
