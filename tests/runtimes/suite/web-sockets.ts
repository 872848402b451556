import { once } from "node:events";
import { expect, test } from "vitest";
import { handshake } from "../client.ts";
import type { Subject } from "../conformance.ts";
import { app } from "../origins.ts";

/** WebSocket handshakes: GETs with cookies, whose answer is not ours to touch. */
export function webSockets({ url }: Subject): void {
  test("lets a WebSocket be opened, and carries its messages", async () => {
    const socket = new WebSocket(new URL("/websocket", url().replace("http:", "ws:")));
    await once(socket, "open");
    socket.send("ping");
    const [message] = (await once(socket, "message")) as [MessageEvent];
    expect(message.data).toBe("ping");
    socket.close();
    await once(socket, "close");
  });

  test.each([
    ["a listed origin", () => app],
    ["its own origin", () => new URL(url()).origin],
  ])("passes the 101 for %s untouched", async (_, origin) => {
    const { status, headers } = await handshake(url(), { Origin: origin() });
    expect(status).toBe(101);
    expect(headers.get("upgrade")?.toLowerCase()).toBe("websocket");
    expect(headers.get("sec-websocket-accept")).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    for (const name of ["x-request-id", "content-security-policy", "access-control-allow-origin", "ratelimit"]) {
      expect(headers.has(name)).toBe(false);
    }
  });
}
