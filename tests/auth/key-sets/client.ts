import { afterEach, beforeEach, vi } from "vitest";
import type { PolicyEvent } from "../../../src/index.ts";
import {
  type IdentityProvider,
  type IdentityProviderOptions,
  startIdentityProvider,
} from "../identity-provider/identity-provider.ts";
import { type App, type AppOptions, createApp } from "./app.ts";

/** An API and the provider of its tokens. */
export interface Client extends App {
  readonly provider: IdentityProvider;
  readonly events: readonly PolicyEvent[];
  /** Sends a token, or a new good one. */
  readonly send: (token?: string) => Promise<Response>;
  /** Sends one, and gives the status. */
  readonly status: (token?: string) => Promise<number>;
  /** Settles when what runs behind the answers has settled. */
  readonly settled: () => Promise<void>;
}

export function clientOf(provider: IdentityProvider, options: Partial<AppOptions> = {}): Client {
  const events: PolicyEvent[] = [];
  const { jwksUrl, issuer } = provider;
  const app = createApp({ jwks: jwksUrl, issuer, onEvent: (event) => void events.push(event), ...options });
  const pending: Promise<unknown>[] = [];
  const native = { waitUntil: (work: Promise<unknown>) => void pending.push(work) };
  const send = async (token?: string): Promise<Response> => {
    const authorization = `Bearer ${token ?? (await provider.token())}`;
    return app.fetch(new Request("https://api.example.com/", { headers: { authorization } }), native);
  };
  return {
    ...app,
    provider,
    events,
    send,
    status: async (token) => (await send(token)).status,
    settled: async () => {
      while (pending.length > 0) await pending.pop();
    },
  };
}

/** Each test has a provider of its own, and a clock that it can set; timers and sockets are real. */
export function useProvider(options: IdentityProviderOptions = {}): () => IdentityProvider {
  let provider: IdentityProvider | undefined;
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    provider = await startIdentityProvider(options);
  });
  afterEach(async () => {
    await provider?.close();
    vi.useRealTimers();
  });
  return () => {
    if (provider === undefined) throw new Error("the provider has not started");
    return provider;
  };
}

/** Sets the clock forward; a negative number sets it back. */
export function passSeconds(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000);
}

/** A token that nobody signed, with a claim to this key. Made without cryptography, for floods. */
export function forge(issuer: string, kid: string, alg = "ES256"): string {
  const expires = Math.floor(Date.now() / 1000) + 300;
  const header = { alg, typ: "at+jwt", kid };
  const claims = { iss: issuer, aud: "api", sub: "eve", iat: expires - 300, exp: expires };
  const encoded = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
  return [...encoded, Buffer.alloc(64, 7).toString("base64url")].join(".");
}
