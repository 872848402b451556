import type { Exchange } from "../exchange.ts";
import { type Refusal, refuse } from "../problem.ts";

/** The answer to who cannot be counted, under `onUnknownAddress: "refuse"`. */
export const addressUnknown: Refusal = /* @__PURE__ */ refuse(
  403,
  "client_address_unknown",
  "The address of this request cannot be told.",
);

const warningIntervalMs = 60_000;

/**
 * Tells that nobody was counted, since the address of the client is not known. One warning a minute is enough.
 *
 * @param consequence - What was not done.
 */
export function unknownAddressWarning(consequence: string): (exchange: Exchange) => void {
  let lastMs = Number.NEGATIVE_INFINITY;
  return (exchange) => {
    if (exchange.nowMs - lastMs < warningIntervalMs) return;
    lastMs = exchange.nowMs;
    exchange.warn(
      "client_ip_unknown",
      `${consequence}: the address of the client is not known; declare clientIp, or its onUnknownAddress`,
    );
  };
}
