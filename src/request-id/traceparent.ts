const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/;

/** The trace id of a `traceparent` value; `undefined` when it is not valid (W3C Trace Context §3.2.2). */
export function parseTraceId(value: string | null): string | undefined {
  const [, version, traceId, parentId, rest] = (value !== null && pattern.exec(value)) || [];
  if (traceId === undefined || version === "ff" || (version === "00" && rest !== undefined)) return undefined;
  return /[1-9a-f]/.test(traceId) && /[1-9a-f]/.test(parentId ?? "") ? traceId : undefined;
}
