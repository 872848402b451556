import { serve as serveByHono } from "@hono/node-server";
import { serve as serveBySrvx } from "srvx";
import { type FetchHandler, policy, problem, type StandardSchema } from "../../../src/index.ts";

/** What the handlers saw since the last time that `/seen` was asked for. */
let seen = { bytes: 0, chunks: 0, largestChunk: 0, peakResident: 0 };
const sample = (): void => {
  seen.peakResident = Math.max(seen.peakResident, process.memoryUsage.rss());
};
setInterval(sample, 5);

async function count(request: Request): Promise<void> {
  for await (const { byteLength } of request.body ?? []) {
    seen.bytes += byteLength;
    seen.chunks++;
    seen.largestChunk = Math.max(seen.largestChunk, byteLength);
    sample();
  }
}

const anything: StandardSchema = { "~standard": { version: 1, vendor: "tests", validate: (value) => ({ value }) } };

const api = policy({ onEvent: () => undefined });
const handlers: Readonly<Record<string, FetchHandler>> = {
  "/reads": api(async (request) => {
    await count(request);
    return Response.json({ read: true });
  }),
  "/swallows": api(async (request) => {
    await count(request).catch(() => undefined);
    return Response.json({ read: true });
  }),
  "/schema": api({ body: anything }, () => Response.json({ read: true })),
  "/ignores": api(() => Response.json({ read: false })),
  "/seen": api(() => {
    sample();
    const told = seen;
    seen = { bytes: 0, chunks: 0, largestChunk: 0, peakResident: 0 };
    return Response.json(told);
  }),
};

const notFound = api(() => problem(404, "not_found"));
const fetch = (request: Request): Promise<Response> => (handlers[new URL(request.url).pathname] ?? notFound)(request);

if (process.argv[2] === "srvx") {
  const server = serveBySrvx({ fetch, port: 0, hostname: "127.0.0.1", silent: true });
  await server.ready();
  console.log(server.url);
} else {
  serveByHono({ fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => console.log(`http://127.0.0.1:${port}/`));
}
