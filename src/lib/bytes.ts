/** Bytes in memory of their own, as the platforms give and take them. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Lower-case hexadecimal digits. */
export function hexOf(bytes: Uint8Array): string {
  let digits = "";
  for (const byte of bytes) digits += (byte < 16 ? "0" : "") + byte.toString(16);
  return digits;
}
