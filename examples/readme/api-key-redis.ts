import { apiKey, generateApiKey, policy } from "mantlet";
import { createClient } from "redis";

export const client = createClient({
  url: process.env.REDIS_URL ?? "redis://127.0.0.1:6379",
  disableOfflineQueue: true, // while Redis is down, requests are 503 at once
});

const prefix = "acme_live";
const pepper = process.env.API_KEY_PEPPER ?? "only for trying it out"; // without it, the hashes in Redis are of no use

interface StoredKey {
  readonly id: string;
  readonly scopes: readonly string[];
  readonly expiresAtMs: number;
  readonly meta: { readonly owner: string };
}

export async function createKey(owner: string, scopes: readonly string[], expiresAtMs: number) {
  const { key, id, hash } = await generateApiKey(prefix, { pepper });
  const stored: StoredKey = { id, scopes, expiresAtMs, meta: { owner } };
  await client.mSet({ [`api-key:${hash}`]: JSON.stringify(stored), [`api-key-hash:${id}`]: hash });
  return { key, id }; // the key itself is kept nowhere
}

export async function revokeKey(id: string) {
  const hash = await client.getDel(`api-key-hash:${id}`);
  if (hash !== null) await client.del(`api-key:${hash}`);
}

const api = policy({
  auth: apiKey({
    prefix,
    pepper,
    lookup: async (hash) => {
      const text = await client.get(`api-key:${hash}`);
      if (text === null) return null;
      const { expiresAtMs, ...key }: StoredKey = JSON.parse(text);
      return { ...key, expiresAt: new Date(expiresAtMs) };
    },
  }),
});

export const whoAmI = api({ scopes: ["profile:read"] }, (_request, { auth }) => Response.json(auth.meta));
