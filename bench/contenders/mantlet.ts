import { type Policy, policy } from "../../src/index.ts";
import { raw } from "./raw.ts";
import { extraFields, type Fetch, limit, origins, reportingUrl, type Variant } from "./settings.ts";

/** The whole stack as a user writes it down. */
export function mantlet(variant: Variant): Fetch {
  return mantletPolicy(variant)(raw());
}

/** The policy of that stack, for what is put around a handler by an adapter. */
export function mantletPolicy(variant: Variant): Policy {
  return policy({
    cors: { origins, credentials: true },
    rateLimit: { limit: limit.requests, windowSeconds: limit.windowSeconds },
    ...(variant === "twelve" && {
      headers: {
        permissionsPolicy: { camera: [], geolocation: [], microphone: [] },
        crossOriginOpenerPolicy: "same-origin",
        crossOriginEmbedderPolicy: "require-corp",
        reportingEndpoints: { csp: reportingUrl },
        extra: extraFields,
      },
    }),
  });
}
