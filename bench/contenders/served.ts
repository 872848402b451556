import type { ServerFetch, Stacks } from "../harness/serve-stack.ts";
import { hono } from "./hono.ts";
import { minimal } from "./minimal.ts";
import { raw } from "./raw.ts";
import { type Fetch, plainFields } from "./settings.ts";

/** The bare handler and the rivals, as a server takes them: told where its platform has the peer's address. */
export function rivalsWith<Native>(addressOf: (native: Native, request: Request) => string): Stacks<Native> {
  const served =
    (fetch: Fetch): ServerFetch<Native> =>
    (request, native) =>
      fetch(Object.assign(request, { ip: addressOf(native, request) }));
  return {
    raw,
    minimal: (variant) => served(minimal(variant, plainFields(variant))),
    hono: (variant) => served(hono(variant, plainFields(variant))),
  };
}
