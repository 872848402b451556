import type { ClientIpPlan } from "../client-ip/client-ip.ts";
import type { Exchange } from "../exchange.ts";
import type { CompiledLimit } from "./rate-limit.ts";
import type { TakeStep } from "./take.ts";

/** Makes a step that counts addresses look for a proxy that the policy does not declare. */
export type WatchForProxy = (take: TakeStep | undefined, countsAddresses: boolean) => TakeStep | undefined;

/** Whether a limit counts by address and nothing else. */
export function isByIp({ by, dangerouslyBy }: CompiledLimit): boolean {
  return by === "ip" && dangerouslyBy === undefined;
}

/**
 * Tells once for a policy that everybody behind a proxy shares one bucket: a peer with a private address says who its
 * client is, and nobody is trusted to. Who comes from the internet has no such address, so the warning cannot be forged
 * from there. Fields are not looked at unless the peer is private, and nothing is once it was told.
 */
export function watchForProxy({ read }: ClientIpPlan): WatchForProxy {
  let isDone = read !== undefined;
  const watch = (exchange: Exchange): void => {
    const { clientIp } = exchange; // the peer, since nobody is trusted
    if (clientIp === undefined || !isPrivate.test(clientIp)) return;
    const header = chains.find(([name]) => exchange.request.headers.has(name));
    if (header === undefined) return;
    isDone = true;
    exchange.warn("forwarded_ignored", messageFor(...header));
  };
  return (take, countsAddresses) => {
    if (take === undefined || isDone || !countsAddresses) return take;
    return (exchange) => {
      if (!isDone) watch(exchange);
      return take(exchange);
    };
  };
}

/** The fields that have a chain, each with what declares it. */
const chains: readonly (readonly [name: string, declaration: string])[] = [
  ["x-forwarded-for", "{ trustedHops: 1 }"],
  ["forwarded", '{ trustedHops: 1, header: "forwarded" }'],
];

function messageFor(name: string, declaration: string): string {
  return `a peer with a private address, a proxy probably, sends ${name}, which is not believed: limits by address count everybody behind it as one client; declare it with clientIp: ${declaration}`;
}

/**
 * Private, loopback, link-local and shared addresses (RFC 1918, 1122, 4193, 4291, 6598), each as `normaliseAddress` spells
 * it.
 */
const isPrivate =
  /^(?:10\.|127\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd][\da-f]{2}:|fe[89ab][\da-f]:|(?:0:){7}1$)/;
