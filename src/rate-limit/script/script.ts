import { fixedWindowLua } from "./fixed-window.ts";
import { epilogueLua, prologueLua } from "./frame.ts";
import { gcraLua } from "./gcra.ts";
import { slidingLogLua } from "./sliding-log.ts";
import { slidingWindowLua } from "./sliding-window.ts";

/** A Lua script for Redis, and the name that Redis knows it by once it has seen it. */
export interface LimitScript {
  readonly source: string;
  /** The SHA-1 of the source, in lower-case hexadecimal: what EVALSHA takes. */
  readonly sha1: string;
}

/** Decides all checks of a call, by the clock of the server. Runs on Redis 5 and newer, and touches no key but KEYS. */
export const limitScript: LimitScript = {
  source: prologueLua + gcraLua + fixedWindowLua + slidingWindowLua + slidingLogLua + epilogueLua,
  sha1: "8d461809aa192d322b8568aea1bec244c65a7192",
};
