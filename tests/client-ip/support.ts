import type { ClientIpOptions } from "../../src/client-ip/client-ip.ts";
import { policy } from "../../src/index.ts";
import { get, silent } from "../lib/harness.ts";

export type { ClientIpOptions };

/** The peer of requests that say nothing else: in no test's list of trusted proxies unless it is named there. */
export const peer = "192.0.2.200";

/** Fields as lines: a name may be there several times. */
export type Lines = readonly (readonly [name: string, value: string])[];

export function requestWith(lines: Lines, url = "https://api.example.com/", method = "GET"): Request {
  const headers = new Headers();
  for (const [name, value] of lines) headers.append(name, value);
  return new Request(url, { method, headers });
}

/** The address that a handler sees. */
export async function addressSeen(
  clientIp: ClientIpOptions | undefined,
  request: Request = get(),
  clientPeer: string | undefined = peer,
): Promise<string | undefined> {
  const api = policy({ ...(clientIp !== undefined && { clientIp }), onEvent: silent });
  let seen: string | undefined = "the handler was not called";
  await api.run(request, { clientIp: clientPeer }, (_request, context) => {
    seen = context.clientIp;
    return new Response(null);
  });
  return seen;
}

/** The address that a handler sees behind a chain in one line of a field. */
export function addressBehind(
  clientIp: ClientIpOptions,
  chain: string,
  field = "x-forwarded-for",
  clientPeer: string | undefined = peer,
): Promise<string | undefined> {
  return addressSeen(clientIp, requestWith([[field, chain]]), clientPeer);
}
