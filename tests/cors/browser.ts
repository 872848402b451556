/** What a browser concludes from the answer to a CORS request (Fetch, "CORS protocol"). */
export type Verdict = "none" | "readable" | "blocked" | "pass" | "fail";

/** Judges an answer as a browser does that includes credentials or not. */
export function conclude(request: Request, response: Response, includesCredentials: boolean): Verdict {
  if (!request.headers.has("origin")) return "none";
  const isPreflight = request.method === "OPTIONS" && request.headers.has("access-control-request-method");
  const isShared = passesCorsCheck(request, response, includesCredentials);
  if (!isPreflight) return isShared ? "readable" : "blocked";
  return isShared && response.ok && allowsWhatIsAsked(request, response, includesCredentials) ? "pass" : "fail";
}

/** Fetch, "CORS check". */
function passesCorsCheck(request: Request, { headers }: Response, includesCredentials: boolean): boolean {
  const allowed = headers.get("access-control-allow-origin");
  if (!includesCredentials && allowed === "*") return true;
  if (allowed !== request.headers.get("origin")) return false;
  return !includesCredentials || headers.get("access-control-allow-credentials") === "true";
}

/** Fetch, "CORS-preflight fetch", from the step on that reads the lists. */
function allowsWhatIsAsked(request: Request, response: Response, includesCredentials: boolean): boolean {
  const method = request.headers.get("access-control-request-method") ?? "";
  const methods = membersOf(response.headers.get("access-control-allow-methods"));
  const isMethodAllowed =
    ["GET", "HEAD", "POST"].includes(method) ||
    methods.includes(method) ||
    (!includesCredentials && methods.includes("*"));
  const allowed = membersOf(response.headers.get("access-control-allow-headers")).map((name) => name.toLowerCase());
  const asked = membersOf(request.headers.get("access-control-request-headers"));
  const coversAny = !includesCredentials && allowed.includes("*");
  return isMethodAllowed && asked.every((name) => allowed.includes(name) || (coversAny && name !== "authorization"));
}

/** The members of a list (RFC 9110 §5.6.1). */
export function membersOf(value: string | null): readonly string[] {
  return (value ?? "")
    .split(",")
    .map((member) => member.trim())
    .filter((member) => member !== "");
}
