import { apiKey } from "../../../src/auth/api-key/api-key.ts";
import { generateApiKey } from "../../../src/auth/api-key/key-format.ts";
import type { ApiKeyIdentity, ApiKeyRecord } from "../../../src/auth/api-key/lookup.ts";
import type { ApiKeyOptions } from "../../../src/auth/api-key/options.ts";
import type { Authenticator } from "../../../src/index.ts";

export const prefix = "acme_live";
export const pepper = "a pepper of more than 16 bytes";

/** A key, and what of it is kept. */
export interface Made {
  readonly key: string;
  readonly id: string;
  readonly hash: string;
}

/** An authenticator over a Map that says what it was asked for. */
export interface Keyring {
  readonly auth: Authenticator<ApiKeyIdentity<unknown>>;
  readonly records: Map<string, ApiKeyRecord<unknown>>;
  /** The hashes that were looked up. */
  readonly asked: string[];
  readonly add: (record?: Partial<ApiKeyRecord<unknown>>, options?: { pepper: string }) => Promise<Made>;
}

export function keyring(options: Partial<ApiKeyOptions<unknown>> = {}): Keyring {
  const records = new Map<string, ApiKeyRecord<unknown>>();
  const asked: string[] = [];
  const lookup = (hash: string): ApiKeyRecord<unknown> | undefined => {
    asked.push(hash);
    return records.get(hash);
  };
  return {
    auth: apiKey<unknown>({ prefix, lookup, ...options }),
    records,
    asked,
    add: async (record = {}, generateOptions = undefined) => {
      const made = await generateApiKey(prefix, generateOptions);
      records.set(made.hash, { id: made.id, scopes: [], ...record });
      return made;
    },
  };
}

/** Fields that send a key. */
export const inField = (key: string): Record<string, string> => ({ "x-api-key": key });
export const asBearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
