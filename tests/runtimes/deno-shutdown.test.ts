import { once } from "node:events";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { expect, test, vi } from "vitest";
import { pathOf } from "./spawn.ts";
import { startDeno } from "./start-deno.ts";

/** Sends a chunked body that is longer than it may be, until it is answered, and gives the status. */
async function sendTooMuch(url: string): Promise<number | undefined> {
  const sent = request(url, { method: "POST", headers: { "Content-Type": "text/plain" }, agent: false });
  sent.on("error", () => {}); // the server may close the connection behind its answer
  let left = 20;
  const send = (): void => {
    if (left-- === 0) sent.end();
    else if (sent.write("x".repeat(8192))) setImmediate(send);
    else sent.once("drain", send);
  };
  send();
  const [response] = await once(sent, "response");
  left = 0;
  await text(response);
  return response.statusCode;
}

test("bodies that are too long do not keep a Deno process from ending", async () => {
  const running = await startDeno(pathOf("servers/deno-shutdown.ts"));
  try {
    const url = running.url ?? "";
    for (let round = 0; round < 5; round++) {
      const statuses = await Promise.all(Array.from({ length: 40 }, () => sendTooMuch(url)));
      expect(new Set(statuses)).toEqual(new Set([413]));
    }
    await (await fetch(new URL("/end", url))).text();
    await vi.waitUntil(() => !running.isAlive(), { timeout: 10_000 });
  } finally {
    await running.stop();
  }
});
