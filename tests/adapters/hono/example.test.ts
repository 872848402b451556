import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installPackage, linkPackage, root, temporaryFolder } from "../../package/support.ts";
import type { Running } from "../../runtimes/conformance.ts";
import { startProcess } from "../../runtimes/spawn.ts";

const folder = temporaryFolder();
let running: Running | undefined;

beforeAll(async () => {
  const project = await installPackage(folder.path);
  for (const name of ["hono", "@hono/node-server"]) linkPackage(name, project);
  cpSync(join(root, "examples", "hono"), project, { recursive: true });
  running = await startProcess("node", [join(project, "main.ts")], { PORT: "0" });
});
afterAll(async () => {
  await running?.stop();
  folder.remove();
});

function send(path: string, token?: string, note?: unknown): Promise<Response> {
  const headers = {
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    ...(note !== undefined && { "Content-Type": "application/json" }),
  };
  const init = note === undefined ? {} : { method: "POST", body: JSON.stringify(note) };
  return fetch(new URL(path, running?.url), { ...init, headers });
}

test("the example runs on the packed package: it admits, refuses and validates", async () => {
  expect((await send("/health")).status).toBe(200);
  const refused = await send("/notes");
  expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="notes"']);
  const forbidden = await send("/notes", "reader-7f3c", { title: "first" });
  expect([forbidden.status, (await forbidden.json()).code]).toEqual([403, "insufficient_scope"]);
  const invalid = await send("/notes", "writer-91ab", { title: "" });
  expect([invalid.status, (await invalid.json()).code]).toEqual([422, "invalid_body"]);
  const created = await send("/notes", "writer-91ab", { title: "first" });
  expect([created.status, await created.json()]).toEqual([201, { by: "writer", title: "first" }]);
  expect(created.headers.get("ratelimit-policy")).toBe('"default";q=300;w=60, "writes";q=30;w=60');
  const list = await send("/notes", "reader-7f3c");
  expect(await list.json()).toEqual([{ by: "writer", title: "first" }]);
  expect(list.headers.get("x-content-type-options")).toBe("nosniff");
});
