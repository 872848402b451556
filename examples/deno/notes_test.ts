import { notes } from "./notes.ts";

Deno.test("a note that was put can be read, and strangers' pages cannot put one", async () => {
  const kv = await Deno.openKv(":memory:");
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, notes(kv));
  const url = `http://127.0.0.1:${server.addr.port}/notes/1`;
  const statusOf = async (init: RequestInit): Promise<number> => {
    const response = await fetch(url, init);
    await response.body?.cancel();
    return response.status;
  };
  const statuses = [
    await statusOf({}),
    await statusOf({ method: "PUT", body: "hello" }),
    await statusOf({ method: "PUT", body: "spam", headers: { origin: "https://evil.example" } }),
    await statusOf({}),
  ].join();
  await server.shutdown();
  kv.close();
  if (statuses !== "404,204,403,200") throw new Error(statuses);
});
