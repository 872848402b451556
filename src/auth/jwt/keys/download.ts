import { isWorkers } from "../../../lib/workers.ts";
import { freshMsOf } from "./lifetime.ts";
import { readText } from "./read-text.ts";

/** How long the whole answer may take. */
export const downloadLimitMs = 3000;

/** What the provider answered. */
export interface Download {
  readonly text: string;
  readonly freshMs: number;
}

/** Fetches a key set. Redirects are not followed: keys come from where the configuration says, or not at all. */
export async function download(url: string): Promise<Download> {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new Error(`no complete answer within ${downloadLimitMs} ms`)),
    downloadLimitMs,
  );
  try {
    const response = await fetch(url, {
      headers: { accept: "application/jwk-set+json, application/json" },
      redirect: "manual",
      signal: controller.signal,
      // Next.js would keep the answer for itself; older Workers throw where they find the member.
      ...(isWorkers() ? {} : { cache: "no-store" }),
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Error(`the answer has the status ${response.status}`);
    }
    return { text: await readText(response.body), freshMs: freshMsOf(response.headers) };
  } finally {
    clearTimeout(timer);
  }
}
