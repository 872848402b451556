import { describe, expect, test } from "vitest";
import type { Subject } from "../conformance.ts";
import { app } from "../origins.ts";

const json = { "Content-Type": "application/json" };

/** A body of which one chunk comes, and the client hangs up. */
async function* brokenOff(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  yield Buffer.from('{"title":');
  await new Promise((resolve) => setTimeout(resolve, 20)); // until the server has it
  throw new Error("the client hangs up");
}

/** Bodies on their way. */
export function uploads({ send, upstream, ownFields }: Subject): void {
  test("an upload reaches the handler as it comes, and is not collected before", async () => {
    const gate = upstream().gate();
    async function* inTwo(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
      yield Buffer.alloc(1000, "a");
      await gate.reached; // by the handler, which has the first chunk
      yield Buffer.alloc(500, "b");
    }
    const opened = gate.reached.then(gate.open);
    const path = `/content/in-two?upstream=${encodeURIComponent(gate.url)}`;
    const response = await send(path, { method: "POST", body: inTwo() });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ length: 1500, isStreamed: true });
    await opened;
  });

  describe("a client that hangs up in the middle of its body", () => {
    test.each(["/content/echo", "/content/swallows", "/content/note", "/content/raw", "/content/ignores"])(
      "does no harm to %s",
      async (path) => {
        const aborted = Array.from({ length: 5 }, () =>
          send(path, { method: "POST", headers: json, body: brokenOff() }),
        );
        await Promise.allSettled(aborted);
        const response = await send("/content/echo", { method: "POST", headers: json, body: "{}" });
        expect(response.status).toBe(200);
        expect(await response.json()).toEqual({ method: "POST", text: "{}" });
      },
    );
  });

  test("the handler's request is the platform's in all but its counted body", async () => {
    const response = await send("/content/own-fields/7", {
      method: "PUT",
      headers: { Origin: app, Cookie: "session=1", "X-Field": "kept", "Content-Type": "text/plain" },
      body: "what was sent",
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      added: ownFields,
      method: "PUT",
      path: "/content/own-fields/7",
      field: "kept",
      isRequest: true,
      isAborted: false,
      text: "what was sent",
    });
  });
}
