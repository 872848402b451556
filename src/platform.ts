import { noAddress } from "./lib/ip-address.ts";
import type { Platform } from "./types.ts";

/** What srvx puts on its requests, and whatever follows its convention. */
interface AnnotatedRequest {
  readonly ip?: unknown;
  readonly waitUntil?: unknown;
  /** Bun: the parameters of a route of `Bun.serve`. */
  readonly params?: unknown;
}

/** What the platforms give as a first or second argument beside the request: only what is read here. */
interface NativeArgument {
  /** Deno: `Deno.serve` (request, info). */
  readonly remoteAddr?: { readonly hostname?: unknown };
  /** Bun: `Bun.serve` (request, server). */
  readonly requestIP?: unknown;
  /** @hono/node-server: (request, { incoming, outgoing }). */
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: unknown } };
  /** Netlify: (request, context). */
  readonly ip?: unknown;
  /** Netlify and Next.js: the parameters of the path. */
  readonly params?: unknown;
  /** Netlify and Cloudflare: the execution context. */
  readonly waitUntil?: unknown;
}

type WaitUntil = (work: Promise<unknown>) => void;

/**
 * Reads the peer's address and `waitUntil` from the arguments with which a platform calls a fetch handler.
 * They are recognised by their shape, and only when they are asked for. A field of the request is never looked at.
 */
export class NativePlatform implements Platform {
  readonly #request: Request & AnnotatedRequest;
  readonly #native: readonly unknown[];

  constructor(request: Request, native: readonly unknown[]) {
    this.#request = request;
    this.#native = native;
  }

  get clientIp(): string | undefined {
    // On Workers, which alone have `cf`, the argument is `env`, where a binding may have any name.
    const first = "cf" in this.#request ? undefined : argument(this.#native[0]);
    const address =
      this.#request.ip ??
      first?.remoteAddr?.hostname ??
      first?.incoming?.socket?.remoteAddress ??
      (typeof first?.requestIP === "function" ? first.requestIP(this.#request)?.address : first?.ip);
    if (typeof address === "string") return address;
    return first || "ip" in this.#request ? noAddress : undefined;
  }

  get params(): Platform["params"] {
    const params = this.#request.params ?? argument(this.#native[0])?.params;
    return typeof params === "object" && params !== null ? (params as Platform["params"]) : undefined; // schemas judge its members
  }

  get waitUntil(): WaitUntil | undefined {
    for (const holder of [this.#request, argument(this.#native[0]), argument(this.#native[1])]) {
      // A method of its holder on every platform that has it; called detached it throws "Illegal invocation" on Workers.
      if (typeof holder?.waitUntil === "function") return (work) => (holder.waitUntil as WaitUntil)(work);
    }
    return undefined;
  }
}

/**
 * Reads the address of the peer and `waitUntil` from what a platform calls a fetch handler with, for adapters of
 * frameworks that hand these on: Node (`@hono/node-server`, srvx), Deno, Bun, Netlify and Cloudflare are recognised by
 * the shape of their arguments. No field of the request is looked at.
 *
 * @param native - The arguments that came beside the request.
 */
export function nativePlatform(request: Request, ...native: readonly unknown[]): Platform {
  return new NativePlatform(request, native);
}

function argument(value: unknown): NativeArgument | undefined {
  return typeof value === "object" && value !== null ? value : undefined;
}
