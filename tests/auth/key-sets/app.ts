import { jwt } from "../../../src/auth/jwt/jwt.ts";
import type { JwtKeyOptions } from "../../../src/auth/jwt/options.ts";
import { type FetchHandler, type OnEvent, policy } from "../../../src/index.ts";

type KeyOptions = Pick<JwtKeyOptions<undefined, string>, "algorithms" | "jwks" | "keySetCache" | "staleIfErrorSeconds">;

export interface AppOptions extends KeyOptions {
  readonly issuer: string;
  readonly onEvent?: OnEvent;
}

/** An API whose callers need a token. It runs wherever fetch handlers do. */
export interface App {
  readonly fetch: FetchHandler;
  readonly warmup: () => Promise<void>;
  readonly purge: () => void;
}

export function createApp({ issuer, onEvent = () => undefined, ...keys }: AppOptions): App {
  const auth = jwt({ issuer, audience: "api", ...keys });
  // Floods of bad tokens must come through to the keys.
  const api = policy({ auth, authFailures: "off", onEvent });
  return {
    fetch: api((_request, { auth }) => Response.json({ subject: auth.subject })),
    warmup: () => auth.warmup(),
    purge: () => auth.purge(),
  };
}
