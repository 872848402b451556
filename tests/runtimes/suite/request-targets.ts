import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import type { Subject } from "../conformance.ts";

/**
 * Request lines and hosts under which two readers of one URL may see two paths: `/private/me`, which needs a credential,
 * and one that needs none. Deno hands on what came, unread.
 */
const targets: readonly (readonly [target: string, host: string])[] = [
  ["/x/..\\private/me", "a.example"],
  ["/x\\..\\private\\me", "a.example"],
  ["/x/%2e%2e%5cprivate%5cme", "a.example"],
  ["/x/.%09./private/me", "a.example"],
  ["/private/me", "/x"],
  ["/private/me", "/x#"],
  ["/x", "a.example\\private/me?"],
  ["/x", "a.example/private/me?"],
  ["/x", "a/x/.\t./private/me?"],
  ["http://a.example\\private/me?/x", "a.example"],
  ["http://a.example?/x/../private/me", "a.example"],
];

export function requestTargets({ url }: Subject): void {
  test.each(targets)("%s of the host %s never reaches what needs a credential", async (target, host) => {
    const answer = await answerTo(url(), `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect(answer).not.toContain('"subject"');
  });

  test("the plain path of the same is 401 without a credential, and is answered with one", async () => {
    const lines = "GET /private/me HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n";
    expect(await answerTo(url(), `${lines}\r\n`)).toContain(" 401 ");
    expect(await answerTo(url(), `${lines}Authorization: Bearer alice\r\n\r\n`)).toContain('"subject":"alice"');
  });
}

/** What comes back for these bytes; servers may hang up on some. */
async function answerTo(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, "connect");
    socket.write(bytes);
    return await text(socket);
  } catch (error) {
    return String(error);
  } finally {
    socket.destroy();
  }
}
