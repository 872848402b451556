import type { Exchange } from "./exchange.ts";
import { type Refusal, refuse } from "./problem.ts";

const httpsRequired = /* @__PURE__ */ refuse(403, "https_required", "This resource is served over https only.");

/** Refuses what did not come over TLS, as far as is known. */
export function refuseInsecure({ isHttps }: Exchange): Refusal | undefined {
  return isHttps ? undefined : httpsRequired;
}
