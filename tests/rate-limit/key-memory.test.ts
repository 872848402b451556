import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { type Authenticator, type FetchHandler, policy } from "../../src/index.ts";
import { get, ok, silent } from "../lib/harness.ts";

const clients = 2000;
const limit = { limit: 10, windowSeconds: 3600 } as const;
/** 16 KB with every request that no bucket is named after. */
const padding = "x".repeat(16_000);

const session: Authenticator = {
  name: "session",
  challenge: 'Session realm="api"',
  fields: ["Cookie"],
  ambient: true,
  present: (request) => request.headers.has("cookie"),
  authenticate: (request) => ({
    method: "session",
    subject: (request.headers.get("cookie") ?? "").split("; ")[1] ?? "",
    scopes: new Set<never>(),
  }),
};

/** What the store holds of the requests that made its buckets, in bytes. */
async function heldBy(handler: FetchHandler, requestOf: (client: number) => Request): Promise<number> {
  await handler(requestOf(clients));
  const before = heapUsed();
  for (let client = 0; client < clients; client++) expect((await handler(requestOf(client))).status).toBe(200);
  await new Promise(setImmediate);
  const after = heapUsed();
  expect((await handler(requestOf(0))).headers.get("x-ratelimit-remaining")).toBe("8"); // it is still there
  return after - before;
}

function heapUsed(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}

const paths = (client: number): Request => get(`/a/path/of/the/client/${client}?${padding}${client}`);

test("a bucket named after the path does not keep the query in memory", async () => {
  const api = policy({ rateLimit: { ...limit, by: ({ method, path }) => `${method} ${path}` }, onEvent: silent });
  expect(await heldBy(api(ok), paths)).toBeLessThan(4_000_000); // 32 MB came
});

test("a bucket named after a part of a request does not keep the rest in memory", async () => {
  const dangerouslyBy = ({ url }: Request): string => `${url.slice(0, url.indexOf("?"))} ${url.length}`;
  const api = policy({ rateLimit: { ...limit, dangerouslyBy }, onEvent: silent });
  expect(await heldBy(api(ok), paths)).toBeLessThan(4_000_000);
});

test("a bucket named after a subject does not keep the field that it came in", async () => {
  const api = policy({ auth: session, rateLimit: { ...limit, by: "identity" }, onEvent: silent });
  const held = await heldBy(api(ok), (client) =>
    get("/", { cookie: `${padding}${client}; the-subject-of-the-session-${client}` }),
  );
  expect(held).toBeLessThan(4_000_000);
});
