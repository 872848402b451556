import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A client with connections that stay open. Each sends a request as soon as its last one was answered. */
export interface Load {
  /** Sends this many requests in all, and rejects when one is not answered with a 200. */
  readonly send: (count: number) => Promise<void>;
  readonly close: () => void;
}

/**
 * On bare sockets, since a client that costs more than the server would leave it waiting. Each connection has had one
 * answer already, so that the server is done with accepting it.
 */
export async function openLoad(port: number, fields: Readonly<Record<string, string>>, size = 32): Promise<Load> {
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = `GET /notes/1?full=1 HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${lines.join("")}\r\n`;
  const sockets = await Promise.all(
    Array.from({ length: size }, async () => {
      const socket = connect({ host: "127.0.0.1", port, noDelay: true }).setEncoding("latin1");
      await once(socket, "connect");
      return socket;
    }),
  );
  const send = async (count: number): Promise<void> => {
    let left = count;
    await Promise.all(sockets.map((socket) => drive(socket, request, () => left-- > 0)));
  };
  await send(size);
  return {
    send,
    close: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function drive(socket: Socket, request: string, mayAsk: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let received = "";
    const ask = (): void => {
      if (mayAsk()) {
        socket.write(request);
        return;
      }
      socket.removeAllListeners("data").removeAllListeners("close").removeAllListeners("error");
      resolve();
    };
    socket.on("data", (text: string) => {
      received += text;
      if (!isComplete(received)) return;
      if (!received.startsWith("HTTP/1.1 200 ")) return reject(new Error(`the server answered ${received}`));
      received = "";
      ask();
    });
    const lose = (): void => reject(new Error("the server has closed the connection"));
    socket.on("error", reject).on("close", lose);
    if (socket.destroyed) lose();
    else ask();
  });
}

/** Whether a response with a length, or in chunks, has arrived. */
function isComplete(received: string): boolean {
  const end = received.indexOf("\r\n\r\n");
  if (end === -1) return false;
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(received) ?? [];
  return length === undefined ? received.endsWith("\r\n0\r\n\r\n") : received.length >= end + 4 + Number(length);
}
