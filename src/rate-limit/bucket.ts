import type { Exchange } from "../exchange.ts";
import { disown } from "../lib/maybe-promise.ts";
import type { Identity } from "../types.ts";
import type { CompiledLimit } from "./rate-limit.ts";

/** The bucket of a request; `undefined` when its address is unknown. No address begins like the other kinds. */
export function identityOf({ by, dangerouslyBy, name }: CompiledLimit, exchange: Exchange): string | undefined {
  if (dangerouslyBy !== undefined) return ownText(`request:${keyFrom(dangerouslyBy(exchange.request), name)}`);
  const { auth } = exchange;
  if (typeof by === "function") {
    const { clientIp, method, path } = exchange;
    return ownText(`key:${keyFrom(by({ clientIp, method, path, ...(auth !== undefined && { auth }) }), name)}`);
  }
  if (by === "identity" && auth !== undefined && auth.method !== "anonymous") {
    const { method, issuer = "", subject } = auth as Identity; // not anonymous: just checked
    return ownText(`id:${method.length}:${method}${issuer.length}:${issuer}${subject}`);
  }
  return exchange.addressKey ?? (exchange.onUnknownAddress === "shared" ? "unknown" : undefined);
}

/** Buckets outlive their request: a name that was cut out of a URL or a field would keep the whole of that in memory. */
function ownText(text: string): string {
  return ` ${text}`.slice(1);
}

function keyFrom(key: unknown, name: string): string {
  if (typeof key === "string" && key !== "") return key;
  throw mistake(key, name, "the function that names the bucket must give a non-empty string");
}

/** How much a request takes of a limit. */
export function costOf({ cost, name }: CompiledLimit, exchange: Exchange): number {
  if (typeof cost === "number") return cost;
  const { clientIp, method, path } = exchange;
  const value = cost({ clientIp, method, path });
  if (Number.isInteger(value) && value >= 0) return value;
  throw mistake(value, name, "cost must give a whole number of at least 0");
}

function mistake(given: unknown, name: string, what: string): TypeError {
  disown(given);
  return new TypeError(`rateLimit "${name}": ${what}`);
}
