import { gzipSync } from "node:zlib";
import { bundleText } from "../harness/bundle.ts";

const entries = {
  policy: `export { policy } from "../src/index.ts"`,
  secure: `export { secure } from "../src/index.ts"`,
  everything: `export * from "../src/index.ts"`,
  hono: `
    export { Hono } from "hono";
    export { cors } from "hono/cors";
    export { requestId } from "hono/request-id";
    export { secureHeaders } from "hono/secure-headers";
    export { rateLimiter } from "hono-rate-limiter";`,
  h3: `export { H3, handleCors } from "h3";`,
} as const;

export type SizedEntry = keyof typeof entries;

/** Bytes of what a user's bundle takes up for each stack, minified and with gzip -9. */
export async function measureSizes(): Promise<Readonly<Record<SizedEntry, number>>> {
  const sized = await Promise.all(
    Object.entries(entries).map(async ([name, contents]) => {
      const { byteLength } = gzipSync(await bundleText(contents), { level: 9 });
      return [name, byteLength] as const;
    }),
  );
  return Object.fromEntries(sized) as Record<SizedEntry, number>; // one for each of the entries
}
