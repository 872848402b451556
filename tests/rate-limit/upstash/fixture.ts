import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { createClient } from "redis";

/** A server that speaks the REST protocol of Upstash over a Redis. */
export interface UpstashFixture {
  readonly url: string;
  readonly token: string;
  /** The commands of every HTTP request so far. */
  readonly requests: string[][][];
  /** What to do with the next requests: answer, cut the connection after the command ran, or stay silent. */
  fault: "none" | "cut" | "silent" | "error 500" | "no json";
  readonly close: () => Promise<void>;
}

type Answer = { readonly result: unknown } | { readonly error: string };

export async function startUpstash(redisPort: number): Promise<UpstashFixture> {
  const client = createClient({ socket: { host: "127.0.0.1", port: redisPort } });
  client.on("error", () => undefined); // commands reject
  await client.connect();
  const token = "secret-of-the-tests";
  const requests: string[][][] = [];
  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => send(response, 400, { error: String(error) }));
  });

  async function run(args: readonly string[]): Promise<Answer> {
    try {
      return { result: await client.sendCommand([...args]) };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body: unknown = JSON.parse(await text(request));
    if (request.headers.authorization !== `Bearer ${token}`) {
      return send(response, 401, { error: "WRONGPASS invalid or missing auth token" });
    }
    const isMany = request.url === "/pipeline" || request.url === "/multi-exec";
    const commands = (isMany ? (body as unknown[][]) : [body as unknown[]]).map((args) => args.map(String));
    requests.push(commands);
    if (fixture.fault === "silent") return;
    if (fixture.fault === "error 500") return send(response, 500, { error: "ERR internal" });
    if (fixture.fault === "no json") return void response.end("<html>");
    const answers = request.url === "/multi-exec" ? await transaction(commands) : await Promise.all(commands.map(run));
    if (fixture.fault === "cut") return void request.socket.destroy();
    const isBase64 = request.headers["upstash-encoding"] === "base64";
    const encoded = isBase64
      ? answers.map((answer) => ("result" in answer ? { result: encode(answer.result) } : answer))
      : answers;
    if (isMany) return send(response, 200, encoded);
    const [only] = encoded;
    return send(response, only !== undefined && "error" in only ? 400 : 200, only);
  }

  async function transaction(commands: readonly string[][]): Promise<Answer[]> {
    const multi = client.multi();
    for (const args of commands) multi.addCommand(args);
    return (await multi.execAsPipeline()).map((result) => ({ result }));
  }

  // A connection that is closed as a request comes is a lost decision, which is not what most tests are about.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen({ port: 0, host: "127.0.0.1", backlog: 2048 }, resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const fixture: UpstashFixture = {
    url: `http://127.0.0.1:${port}`,
    token,
    requests,
    fault: "none",
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      client.destroy();
    },
  };
  return fixture;
}

function encode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value !== "string" || value === "OK") return value;
  return Buffer.from(value).toString("base64");
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
