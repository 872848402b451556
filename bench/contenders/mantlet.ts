import { policy } from "../../src/index.ts";
import { data, extraFields, type Fetch, limit, origins, reportingUrl, type Variant } from "./settings.ts";

/** The whole stack as a user writes it down. */
export function mantlet(variant: Variant): Fetch {
  const api = policy({
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
  return api(() => Response.json(data));
}
