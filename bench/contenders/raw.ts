import { data } from "./settings.ts";

/** Nothing but the answer: what all others are measured against. */
export function raw(): () => Response {
  return () => Response.json(data);
}
