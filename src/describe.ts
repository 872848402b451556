import type { Blueprint, RawConfig } from "./blueprint.ts";
import type { PolicyDescription } from "./policy-interface.ts";

/** A compiled policy as plain data. */
export function describe(blueprint: Blueprint, { options }: RawConfig): PolicyDescription {
  const { requestId, headers, content, crossOrigin, limits, store, auth, authFailures, checks, requireHttps } =
    blueprint;
  const { cors, clientIp, handlerTimeoutMs, routes } = options;
  return {
    headers: headers === undefined ? false : fieldsOf(headers.api),
    removedHeaders: headers?.api.remove ?? [],
    requestId: { header: requestId.sends && requestId.displayName, inbound: requestId.keeps ? "accept" : "ignore" },
    cors: cors === undefined ? "none" : plain(cors),
    crossOrigin: crossOrigin === undefined ? "off" : plain(crossOrigin),
    content: plain(content),
    rateLimit: limits.map(
      ({ name, limit, windowMs, burst, algorithm, by, dangerouslyBy, cost, onUnavailable, local, reportOnly }) => ({
        name,
        limit,
        windowSeconds: windowMs / 1000,
        burst,
        algorithm,
        by: dangerouslyBy === undefined ? plain(by) : "dangerouslyBy",
        cost: plain(cost),
        onUnavailable,
        ...(onUnavailable === "local" && { localLimit: local.limit }),
        mode: reportOnly ? "report" : "enforce",
      }),
    ),
    rateLimitFields: blueprint.rateLimitFields.names,
    store: store.name,
    keySecret: options.keySecret !== undefined,
    clientIp: clientIp === undefined ? "peer" : plain(clientIp),
    auth: auth?.name,
    authFailures:
      authFailures === undefined ? "off" : { limit: authFailures.limit, windowSeconds: authFailures.windowMs / 1000 },
    checks: checks.flat().map(({ name }) => name),
    requireHttps,
    handlerTimeoutMs: handlerTimeoutMs as number | undefined,
    routes: Object.fromEntries(Object.entries(Object(routes)).map(([path, override]) => [path, plain(override)])),
  };
}

function fieldsOf({
  names,
  values,
  cacheControl,
  strictTransportSecurity,
  timingAllowOrigin,
}: NonNullable<Blueprint["headers"]>["api"]): Record<string, string> {
  return {
    ...Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""])),
    ...(cacheControl !== undefined && { "cache-control": cacheControl }),
    ...(strictTransportSecurity !== undefined && { "strict-transport-security": strictTransportSecurity }),
    ...(timingAllowOrigin !== undefined && { "timing-allow-origin": timingAllowOrigin }),
  };
}

/** A value without its functions, which snapshots cannot show. */
function plain(value: unknown): unknown {
  if (typeof value === "function") return "function";
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}
