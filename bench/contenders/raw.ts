import { data, type Fetch } from "./settings.ts";

/** Nothing but the answer: what all others are measured against. */
export function raw(): Fetch {
  return () => Response.json(data);
}
