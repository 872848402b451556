import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { expectProblem, get } from "../../lib/harness.ts";
import { command, describeWithRedis, type RedisServer, startRedis } from "../../rate-limit/redis/server.ts";
import { inField } from "./support.ts";

test("the example with a list accepts its own key, which no log line shows", async () => {
  const { list, request, withoutKeys } = await import("../../../examples/readme/api-key.ts");
  const key = request.headers.get("x-api-key") ?? "";
  const response = await list(request);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ notes: [], plan: "free", key: key.split("_")[2] });
  await expectProblem(await list(get("/notes", inField(`${key}x`))), 401, "invalid_api_key");
  expect(withoutKeys(`GET /notes ${key} 200`)).toBe("GET /notes [key] 200");
});

describeWithRedis("the example over Redis", () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await startRedis();
    vi.stubEnv("REDIS_URL", `redis://127.0.0.1:${server.port}`);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await server?.close();
  });

  test("makes keys, verifies them, and revokes them by their id", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const { client, createKey, revokeKey, whoAmI } = await import("../../../examples/readme/api-key-redis.ts");
    const dayMs = 86_400_000;
    await client.connect();
    const { key, id } = await createKey("ada", ["profile:read"], Date.now() + dayMs);
    const send = (sent: string): Promise<Response> => whoAmI(get("/", inField(sent)));
    expect(await (await send(key)).json()).toEqual({ owner: "ada" });
    await expectProblem(await send((await createKey("bob", [], Date.now() + dayMs)).key), 403, "insufficient_scope");
    await expectProblem(await send((await createKey("eve", ["profile:read"], Date.now())).key), 401, "api_key_expired");
    expect(String(await command(server.port, "KEYS", "*"))).not.toContain(key);
    await revokeKey(id);
    await expectProblem(await send(key), 401, "invalid_api_key");
    expect(String(await command(server.port, "KEYS", "*"))).not.toContain(id);
    client.destroy();
    await expectProblem(await send(key), 503, "auth_unavailable");
  });
});
