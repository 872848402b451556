import { Agent, request } from "node:http";
import { describe, expect, test } from "vitest";
import type { Subject } from "../conformance.ts";

const longest = 1_048_576;

/** Sends one request after the other over a connection that is kept while the server keeps it. */
async function statusesOf(origin: string, path: string, body: Buffer, isDeclared: boolean): Promise<unknown[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const send = (method: string, target: string, sent?: Buffer): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const outgoing = request(new URL(target, origin), { method, agent, timeout: 3000 });
      outgoing.on("timeout", () => outgoing.destroy(new Error("the server does not answer")));
      outgoing.on("error", reject);
      outgoing.on("response", (message) => {
        message.resume();
        message.on("end", () => resolve(message.statusCode));
      });
      if (sent !== undefined) outgoing.setHeader(...framing(sent, isDeclared));
      outgoing.end(sent);
    });
  try {
    return [await send("POST", path, body), await send("GET", "/json"), await send("POST", "/echo", Buffer.from("a"))];
  } finally {
    agent.destroy();
  }
}

function framing(body: Buffer, isDeclared: boolean): [name: string, value: string] {
  return isDeclared ? ["Content-Length", String(body.byteLength)] : ["Transfer-Encoding", "chunked"];
}

/** A body that nobody has read to its end lies in the way of the next request on its connection. */
export function connections({ send, url }: Subject): void {
  test("the body of a GET, which nobody judges, reaches no handler", async () => {
    const response = await send("/content/echo", { headers: { "Content-Type": "text/plain" }, body: "unjudged" });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ method: "GET", text: "" });
  });

  describe("a client that keeps its connection is answered again", () => {
    test.each([
      ["of a declared length", true],
      ["in chunks", false],
    ])("after a body %s that the handler did not read", async (_, isDeclared) => {
      expect(await statusesOf(url(), "/webhook", Buffer.alloc(longest / 2), isDeclared)).toEqual([202, 200, 200]);
    });

    test.each([
      ["of a declared length", true],
      ["in chunks", false],
    ])("after a body %s that was a little too long", async (_, isDeclared) => {
      expect(await statusesOf(url(), "/echo", Buffer.alloc(longest + 500_000), isDeclared)).toEqual([413, 200, 200]);
    });
  });
}
