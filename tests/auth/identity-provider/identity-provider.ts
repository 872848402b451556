import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { selfSignedCertificate } from "../../browser/certificate.ts";
import { type Answer, keysWith } from "./answers.ts";
import { makeKey, type SigningKey, signToken, type TokenChanges } from "./signing-keys.ts";

export { type Answer, drip, huge, keysWith, late, redirectTo, silence, text } from "./answers.ts";
export { makeKey, type SigningKey, signToken, type TokenChanges } from "./signing-keys.ts";

/** Somebody who issues tokens and publishes the keys for them, over real sockets of loopback. */
export interface IdentityProvider {
  /** What its tokens have as `iss`. */
  readonly issuer: string;
  readonly jwksUrl: string;
  /** The certificate to trust, in PEM; `undefined` for plain http. */
  readonly certificate: string | undefined;
  /** How often its keys were asked for since the beginning. Those who found it down are not in it. */
  readonly fetches: number;
  /** The key that it signs with. */
  readonly key: SigningKey;
  /** A token of five minutes, for the audience `api` and the subject `ann`, by the current key. */
  readonly token: (changes?: TokenChanges) => Promise<string>;
  /** Signs with a new key under a new `kid` from now on. Publishes it, and those before it only where it `keeps` them. */
  readonly rotate: (how?: { readonly keeps?: boolean; readonly algorithm?: string }) => Promise<void>;
  /** Signs with a new key under the same `kid` from now on, and publishes that one only. */
  readonly replace: () => Promise<void>;
  /** Publishes these, whatever it signs with. */
  readonly publish: (keys: readonly unknown[]) => void;
  /** How it answers from now on. Default: with its keys. */
  readonly answer: (answer: Answer) => void;
  /** Nobody listens at its port any more. */
  readonly goDown: () => Promise<void>;
  readonly comeBack: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface IdentityProviderOptions {
  /** Whether it speaks https, with a certificate for `localhost` of its own. */
  readonly tls?: boolean;
  readonly algorithm?: string;
}

const host = "127.0.0.1";

export async function startIdentityProvider(options: IdentityProviderOptions = {}): Promise<IdentityProvider> {
  const { tls = false, algorithm = "ES256" } = options;
  let key = await makeKey("key-1", algorithm);
  let published: readonly unknown[] = [key.jwk];
  let answer = keysWith();
  let count = 1;
  let fetches = 0;
  const listener: RequestListener = (request, response) => {
    if (request.url?.split("?")[0] !== "/jwks.json") return void response.writeHead(404).end();
    fetches++;
    answer(response, published, request);
  };
  const certificate = tls ? selfSignedCertificate(["localhost"]) : undefined;
  const server = certificate ? createHttpsServer(certificate, listener) : createHttpServer(listener);
  const port = await listen(server, 0);
  const base = tls ? `https://localhost:${port}/` : `http://${host}:${port}/`;
  return {
    issuer: base,
    jwksUrl: `${base}jwks.json`,
    certificate: certificate?.cert,
    get fetches() {
      return fetches;
    },
    get key() {
      return key;
    },
    token: (changes) => signToken(key, base, changes),
    async rotate({ keeps = false, algorithm = key.algorithm } = {}) {
      key = await makeKey(`key-${++count}`, algorithm);
      published = keeps ? [...published, key.jwk] : [key.jwk];
    },
    async replace() {
      key = await makeKey(key.kid, key.algorithm);
      published = [key.jwk];
    },
    publish(keys) {
      published = keys;
    },
    answer(next) {
      answer = next;
    },
    goDown: () => stop(server),
    comeBack: async () => void (await listen(server, port)),
    close: () => (server.listening ? stop(server) : Promise.resolve()),
  };
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, host);
  await once(server, "listening");
  return (server.address() as AddressInfo).port; // a TCP server has no other kind
}

async function stop(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
