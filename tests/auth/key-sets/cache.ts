import type { KeySetCache } from "../../../src/auth/jwt/keys/shared-cache.ts";

/** A cache that several instances of a program share. */
export interface SharedCache extends KeySetCache {
  readonly texts: Map<string, string>;
  readonly reads: string[];
  readonly ttlSeconds: number[];
}

export function sharedCache(): SharedCache {
  const texts = new Map<string, string>();
  const reads: string[] = [];
  const ttlSeconds: number[] = [];
  return {
    texts,
    reads,
    ttlSeconds,
    get: async (url) => {
      reads.push(url);
      return texts.get(url);
    },
    set: async (url, text, ttl) => {
      texts.set(url, text);
      ttlSeconds.push(ttl);
    },
  };
}
