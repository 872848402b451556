import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Running } from "./conformance.ts";
import { sendChunks } from "./endless.ts";
import { pathOf, startProcess } from "./spawn.ts";

const mebibyte = 1_048_576;
const gibibyte = 1024 * mebibyte;

interface Seen {
  readonly bytes: number;
  readonly largestChunk: number;
  readonly peakResident: number;
}

async function seenBy({ send }: Running): Promise<Seen> {
  return (await send("/seen")).json();
}

describe.each(["srvx", "@hono/node-server"])("a body of 1 GiB against the limit of 1 MiB, on %s", (server) => {
  let running: Running;
  const started = (): string => running.url ?? "";
  beforeAll(async () => {
    running = await startProcess("node", [pathOf("servers/big-body.ts"), server]);
    // So that what code and buffers take anyway is there before memory is measured.
    for (let round = 0; round < 5; round++) await sendChunks(started(), "/reads", mebibyte);
  });
  afterAll(() => running?.stop());

  test.each([
    ["/reads", "reads, and lets the error pass"],
    ["/swallows", "reads, and swallows the error"],
    ["/schema", "has a schema"],
  ])("is 413 and ends at the limit: %s, whose handler %s", async (path) => {
    await seenBy(running);
    const before = await seenBy(running);
    const { answer, sentBytes } = await sendChunks(started(), path, gibibyte);
    const seen = await seenBy(running);

    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('"code":"content_too_large"');
    expect(answer).toMatch(/^x-request-id: /m);
    expect(seen.bytes).toBe(path === "/schema" ? 0 : mebibyte);
    // What the buffers between the two processes hold, and what a server throws away to keep the connection.
    expect(sentBytes).toBeLessThan(100 * mebibyte);
    expect(seen.peakResident - before.peakResident).toBeLessThan(20 * mebibyte);
    expect((await running.send("/reads", { method: "POST", body: "after it" })).status).toBe(200);
  });

  test("is not kept for a handler that does not read it", async () => {
    await seenBy(running);
    const before = await seenBy(running);
    const { answer } = await sendChunks(started(), "/ignores", gibibyte);
    const seen = await seenBy(running);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(seen.bytes).toBe(0);
    // Node itself drops what nobody reads, and collects that garbage in its own time: it is not kept.
    expect(seen.peakResident - before.peakResident).toBeLessThan(128 * mebibyte);
  });

  test("is 413 before any of it comes, where its length is declared", async () => {
    await seenBy(running);
    const headers = { "Content-Length": String(gibibyte) };
    const response = await running.send("/reads", { method: "POST", headers });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: "content_too_large" });
    expect(await seenBy(running)).toMatchObject({ bytes: 0 });
  });
});
