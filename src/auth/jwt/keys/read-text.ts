/** The size of a key set, decompressed. */
export const maxSetBytes = 262_144;

/** Reads UTF-8 (RFC 8259 §8.1) and counts it meanwhile: a length that was announced may be a lie. */
export async function readText(body: ReadableStream<Uint8Array> | null, signal?: AbortSignal): Promise<string> {
  const reader = body?.getReader();
  if (reader === undefined) return "";
  const cancel = (): void => void reader.cancel(signal?.reason).catch(() => undefined);
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    let text = "";
    let bytes = 0;
    for (;;) {
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      if (done) return text + decoder.decode();
      bytes += value.byteLength;
      if (bytes > maxSetBytes) throw new Error(`the text is larger than ${maxSetBytes} bytes`);
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    signal?.removeEventListener("abort", cancel);
    cancel();
  }
}
