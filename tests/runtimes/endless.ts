import { once } from "node:events";
import { connect } from "node:net";

/** What came of a body without an end. */
export interface Outcome {
  /** How much of it the server's side took. */
  readonly sentBytes: number;
  /** What came back; empty where the server closed without an answer. */
  readonly answer: string;
}

const chunk = Buffer.alloc(65_536, "x");
const framed = Buffer.concat([Buffer.from(`${chunk.byteLength.toString(16)}\r\n`), chunk, Buffer.from("\r\n")]);

/**
 * Sends a body in chunks, made on the fly, over a socket of its own. It goes on after an answer has come, until all is
 * sent, or the server takes no more.
 */
export async function sendChunks(origin: string, path: string, bytes: number): Promise<Outcome> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  let answer = "";
  const answered = new Promise<void>((resolve) => {
    socket.on("data", (data) => {
      answer += data.toString();
      if (isWhole(answer)) resolve();
    });
    socket.on("close", resolve);
    socket.on("error", () => resolve());
  });
  await once(socket, "connect");
  const fields = "Content-Type: application/json\r\nTransfer-Encoding: chunked";
  socket.write(`POST ${path} HTTP/1.1\r\nHost: ${hostname}\r\n${fields}\r\n\r\n`);
  let sentBytes = 0;
  while (sentBytes < bytes && socket.writable && (socket.write(framed) || (await drained(socket, answered)))) {
    sentBytes += chunk.byteLength;
  }
  if (sentBytes >= bytes) socket.write("0\r\n\r\n");
  await answered;
  socket.destroy();
  return { sentBytes, answer };
}

/** Whether there is room for more. Where an answer has come, the server is given 100 ms to make some. */
async function drained(socket: ReturnType<typeof connect>, answered: Promise<void>): Promise<boolean> {
  const isStuck = answered.then(() => new Promise<false>((resolve) => setTimeout(resolve, 100, false)));
  const hasRoom = new Promise<true>((resolve) => socket.once("drain", () => resolve(true)));
  return Promise.race([hasRoom, isStuck]);
}

/** The answers here are JSON objects: they end where those do. */
function isWhole(answer: string): boolean {
  return /\r\n\r\n.*\}/s.test(answer);
}
