import { download } from "./download.ts";
import { readJwks } from "./jwk.ts";
import type { Provider } from "./remote-keys.ts";
import { type KeySetCache, readShared, writeShared } from "./shared-cache.ts";
import { workersCache } from "./workers-cache.ts";

/** The provider behind a URL, and the cache in front of it. */
export function providerAt(url: string, cache: KeySetCache | undefined, staleMs: number): Provider {
  const { origin, pathname, search } = new URL(url);
  return {
    name: origin + pathname, // a query may hold a secret
    fetch: async () => {
      const { text, freshMs } = await download(url).catch((error: unknown) => {
        const { cause = error } = Object(error);
        throw search === "" ? error : new Error(String(cause).replaceAll(search, "")); // Bun and Deno show the whole URL
      });
      return { jwks: readJwks(JSON.parse(text)), sinceMs: Date.now(), freshMs };
    },
    readShared: async (notBeforeMs) => {
      const shared = cache ?? workersCache();
      const dated = shared && (await readShared(shared, url, staleMs));
      return dated !== undefined && dated.sinceMs > notBeforeMs ? dated : undefined;
    },
    writeShared: async (keys) => {
      const shared = cache ?? workersCache();
      if (shared !== undefined) await writeShared(shared, url, keys, staleMs);
    },
  };
}
