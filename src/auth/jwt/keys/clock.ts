/** Milliseconds since a time. A time that has not come yet was told by a clock that was set back: it is long ago. */
export function elapsedMs(sinceMs: number): number {
  const ms = Date.now() - sinceMs;
  return ms < 0 ? Number.POSITIVE_INFINITY : ms;
}

/** Gives what `work` gives, or rejects when that takes longer. */
export async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
