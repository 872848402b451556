import { readText } from "./read-text.ts";
import type { KeySetCache } from "./shared-cache.ts";

/** The Cache API of Workers; `undefined` elsewhere: the caches of other platforms have no default one. */
export function workersCache(): KeySetCache | undefined {
  const { default: cache } = Object(globalThis.caches) as { readonly default?: Cache }; // only Workers have it
  if (cache === undefined) return undefined;
  return {
    get: async (url) => {
      const kept = await cache.match(keyOf(url));
      return kept === undefined ? undefined : readText(kept.body);
    },
    set: (url, text, ttlSeconds) =>
      cache.put(
        keyOf(url),
        new Response(text, { headers: { "cache-control": `max-age=${ttlSeconds}`, "content-type": "text/plain" } }),
      ),
  };
}

/** Another key than the set itself has, which is in the same cache where a Worker fetched it. */
function keyOf(url: string): string {
  const key = new URL(url);
  key.searchParams.set("mantlet-keys", "1");
  return key.href;
}
