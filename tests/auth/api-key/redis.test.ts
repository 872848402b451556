import { createClient, type RedisClientType } from "redis";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { apiKey } from "../../../src/auth/api-key/api-key.ts";
import { generateApiKey } from "../../../src/auth/api-key/key-format.ts";
import type { ApiKeyRecord } from "../../../src/auth/api-key/lookup.ts";
import { policy } from "../../../src/index.ts";
import { redisStore } from "../../../src/stores/redis.ts";
import { expectProblem, get, ok, silent } from "../../lib/harness.ts";
import {
  command,
  commandCounts,
  describeWithRedis,
  type RedisServer,
  startRedis,
} from "../../rate-limit/redis/server.ts";
import { inField, prefix } from "./support.ts";

const at = { clientIp: "192.0.2.7" };

describeWithRedis("API keys in Redis", () => {
  let server: RedisServer;
  let client: RedisClientType;

  beforeAll(async () => {
    server = await startRedis();
    client = createClient({
      socket: { host: "127.0.0.1", port: server.port, reconnectStrategy: 20 },
      disableOfflineQueue: true,
    });
    client.on("error", () => undefined); // the server is killed in these tests
    await client.connect();
  });
  afterAll(async () => {
    client?.destroy();
    await server?.close();
  });
  beforeEach(async () => {
    await command(server.port, "FLUSHALL");
    await command(server.port, "CONFIG", "RESETSTAT");
  });

  async function add(
    scopes: readonly string[] = [],
  ): Promise<{ readonly key: string; readonly id: string; readonly hash: string }> {
    const made = await generateApiKey(prefix);
    await client.set(made.hash, JSON.stringify({ id: made.id, scopes }));
    return made;
  }

  let lookups = 0;
  const inRedis = async (hash: string): Promise<ApiKeyRecord | null> => {
    lookups++;
    return JSON.parse((await client.get(hash)) ?? "null");
  };
  const auth = apiKey({ prefix, lookup: inRedis });

  test("a good key costs one command, and noise none", async () => {
    const { key, id } = await add();
    const fetch = policy({ auth, onEvent: silent })((_request, { auth }) => new Response(auth.subject));
    expect(await (await fetch(get("/", inField(key)))).text()).toBe(id);
    for (const noise of ["", "x", `${key}x`, key.replace("live", "test")]) {
      await expectProblem(await fetch(get("/", inField(noise))), 401, "invalid_api_key");
    }
    expect((await commandCounts(server.port)).get).toBe(1);
  });

  test("a key that was deleted is refused from the next request on", async () => {
    const { key, hash } = await add();
    const fetch = policy({ auth, onEvent: silent })(ok);
    expect((await fetch(get("/", inField(key)))).status).toBe(200);
    await client.del(hash);
    await expectProblem(await fetch(get("/", inField(key))), 401, "invalid_api_key");
  });

  test("where records are kept in the process, a check of the handler sees a revocation at once", async () => {
    const { key, id } = await add();
    const kept = new Map<string, ApiKeyRecord | null>();
    const lookup = async (hash: string): Promise<ApiKeyRecord | null> => {
      const record = kept.get(hash) ?? (await inRedis(hash));
      kept.set(hash, record);
      return record;
    };
    const check = async ({ subject }: { subject: string }): Promise<boolean> =>
      !(await client.sIsMember("revoked", subject));
    const fetch = policy({ auth: apiKey({ prefix, lookup }), onEvent: silent })({ check }, ok);
    expect((await fetch(get("/", inField(key)))).status).toBe(200);
    await client.sAdd("revoked", id);
    await expectProblem(await fetch(get("/", inField(key))), 403, "forbidden");
    expect((await commandCounts(server.port)).get).toBe(1);
  });

  test("an address that tries keys is throttled for all processes, and its next key is not looked up", async () => {
    const rateLimit = { name: "address", limit: 1000, windowSeconds: 60 };
    const config = { auth, rateLimit, authFailures: { limit: 3, windowSeconds: 60 }, onEvent: silent };
    const processes = [
      policy({ ...config, store: redisStore(client) }),
      policy({ ...config, store: redisStore(client) }),
    ];
    const send = async (process: number, key: string, from = at): Promise<Response> =>
      processes[process]?.run(get("/", inField(key)), from, ok) ?? Response.error();
    for (const process of [0, 1, 0]) {
      await expectProblem(await send(process, (await generateApiKey(prefix)).key), 401, "invalid_api_key");
    }
    const { key } = await add();
    lookups = 0;
    const refused = await send(1, key);
    await expectProblem(refused, 429, "rate_limited");
    expect(refused.headers.get("retry-after")).toMatch(/^[1-9]\d?$/);
    expect(lookups).toBe(0);
    expect((await send(1, key, { clientIp: "192.0.2.8" })).status).toBe(200);
  });

  test("while Redis is down a good key is 503 at once, and good again when it is back", async () => {
    const { key, id, hash } = await add();
    const fetch = policy({ auth, onEvent: silent })(ok);
    await server.kill();
    await expect.poll(() => client.isReady, { timeout: 10_000 }).toBe(false);
    const response = await fetch(get("/", inField(key)));
    await expectProblem(response, 503, "auth_unavailable");
    expect(response.headers.get("retry-after")).toBe("1");
    await expectProblem(await fetch(get("/", inField("noise"))), 401, "invalid_api_key");
    await server.start();
    await expect.poll(() => client.isReady, { timeout: 10_000 }).toBe(true);
    await client.set(hash, JSON.stringify({ id, scopes: [] }));
    expect((await fetch(get("/", inField(key)))).status).toBe(200);
  });
});
