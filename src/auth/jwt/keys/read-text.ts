/** The size of a key set, decompressed. */
export const maxSetBytes = 262_144;

/** Reads UTF-8 (RFC 8259 §8.1) and counts it meanwhile: a length that was announced may be a lie. */
export async function readText(body: ReadableStream<Uint8Array> | null): Promise<string> {
  const reader = body?.getReader();
  if (reader === undefined) return "";
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    let text = "";
    let bytes = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text + decoder.decode();
      bytes += value.byteLength;
      if (bytes > maxSetBytes) throw new Error(`the text is larger than ${maxSetBytes} bytes`);
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    reader.cancel().catch(() => undefined); // what was not read is not wanted
  }
}
