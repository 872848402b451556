import type { Bytes } from "../lib/bytes.ts";
import type { Platform } from "../types.ts";
import { platformsPrototypeOf } from "./count-in-place.ts";

/**
 * The same request around another body, for adapters whose framework has read it: method, URL, fields and signal stay, and
 * so does what a platform added (`request.ip`, `request.params`).
 *
 * @param body - The whole body. Its length is not held against `Content-Length`.
 * @param platform - For its `createRequest`, where requests have a class of their own. Default: plain requests.
 * @throws TypeError for a GET or HEAD, which have no body (Fetch, "new Request()").
 */
export function withBody(
  request: Request,
  body: ArrayBuffer | Bytes | ReadableStream<Bytes>,
  { createRequest }: Platform = {},
): Request {
  const isNative = platformsPrototypeOf(request) === Request.prototype;
  // The init of a stream needs `duplex` (Fetch), which TypeScript's DOM types do not know.
  const init: RequestInit & { readonly duplex: "half" } = { body, duplex: "half" };
  // Servers bring classes of their own, which the constructor cannot copy from on Node ("Cannot read private member").
  const { method, headers, signal, url } = request;
  const parts = { ...init, method, headers, signal };
  const copy = isNative
    ? new Request(request, init)
    : (createRequest?.(url, parts, request) ?? new Request(url, parts));
  for (const name of addedNames(request)) {
    if (!(name in copy))
      Object.defineProperty(copy, name, { get: () => Reflect.get(request, name), configurable: true });
  }
  return copy;
}

/** The names that stand on the request and on the classes between it and `Request`; underscored ones are internals. */
function addedNames(request: Request): readonly string[] {
  const names: string[] = [];
  for (let holder = request; holder !== null && holder !== Request.prototype; holder = Object.getPrototypeOf(holder)) {
    names.push(...Object.getOwnPropertyNames(holder).filter((name) => !name.startsWith("_")));
  }
  return names;
}
