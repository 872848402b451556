import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { bin, installPackage, linkPackage, root, run, temporaryFolder } from "../package/support.ts";
import { handshakeFields, sendTo } from "../runtimes/client.ts";
import { startProcess } from "../runtimes/spawn.ts";

const folder = temporaryFolder();
let consumer = "";

beforeAll(async () => {
  consumer = await installPackage(folder.path);
  linkPackage("@cloudflare/workers-types", consumer);
});
afterAll(folder.remove);

/** A project of its own with the package installed: a copy of a folder of this repository, or of a file. */
function projectOf(source: string): string {
  const project = join(folder.path, source.replaceAll(/\W/g, "-"));
  const isFile = source.endsWith(".ts");
  cpSync(join(root, source), isFile ? join(project, basename(source)) : project, { recursive: true });
  symlinkSync(join(consumer, "node_modules"), join(project, "node_modules"));
  return project;
}

const denoEnv = (): Readonly<Record<string, string>> => ({
  DENO_DIR: join(folder.path, "deno-cache"),
  DENO_NO_UPDATE_CHECK: "1",
  NO_COLOR: "1",
});
const installed = ["--node-modules-dir=manual", "--no-lock"];
const offline = [...installed, "--cached-only"];
const deno = (project: string, ...args: readonly string[]): Promise<string> =>
  run(bin("deno"), args, project, denoEnv());

const compilers = [
  ["5.9", "typescript"],
  ["7.0", "typescript-7"],
] as const;

describe("on Workers", { timeout: 90_000 }, () => {
  const settings = {
    compilerOptions: {
      target: "es2022",
      lib: ["es2022"],
      types: ["@cloudflare/workers-types"],
      module: "esnext",
      moduleResolution: "bundler",
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    },
    files: ["cloudflare.ts"],
  };
  let types = "";
  let example = "";
  beforeAll(() => {
    types = projectOf("tests/types/cloudflare.ts");
    writeFileSync(join(types, "tsconfig.json"), JSON.stringify(settings));
    example = projectOf("examples/cloudflare");
  });

  test.each(compilers)("the types hold under TypeScript %s", async (_, compiler) => {
    const tsc = join(root, "node_modules", compiler, "bin", "tsc");
    expect(await run(process.execPath, [tsc, "-p", types], types)).toBe("");
    expect(await run(process.execPath, [tsc, "-p", example], example)).toBe("");
  });

  test("the example counts in the object that its configuration binds", async () => {
    const file = join(example, "wrangler.jsonc");
    const { config } = ts.parseConfigFileTextToJson(file, readFileSync(file, "utf8"));
    const [binding] = config.durable_objects.bindings;
    expect(config.migrations[0].new_sqlite_classes).toEqual([binding.class_name]);
    const { outputFiles } = await build({
      entryPoints: [join(example, config.main)],
      bundle: true,
      format: "esm",
      write: false,
    });
    mkdirSync(join(folder.path, "workerd"));
    vi.stubEnv("TMPDIR", join(folder.path, "workerd")); // Miniflare does not always take its folder away
    const workers = new Miniflare({
      cf: { colo: "ZRH" },
      compatibilityDate: config.compatibility_date,
      host: "127.0.0.1",
      modules: [{ type: "ESModule", path: "worker.mjs", contents: outputFiles[0]?.text ?? "" }],
      bindings: { KEY_SECRET: "q4vXo9dTn1Zy7KfBwR2mq4vXo9dTn1Zy" },
      kvNamespaces: config.kv_namespaces.map(({ binding: name }: { readonly binding: string }) => name),
      durableObjects: { [binding.name]: { className: binding.class_name, useSQLite: true } },
    });
    vi.unstubAllEnvs();
    try {
      const send = sendTo((await workers.ready).href);
      expect((await send("/notes/1")).status).toBe(404);
      expect((await send("/notes/1", { method: "PUT", body: "hello" })).status).toBe(202);
      const response = await send("/notes/1", { headers: { origin: "https://app.example.com" } });
      expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
      expect(await response.json()).toEqual({ text: "hello", colo: "ZRH" });
      const statuses: number[] = [];
      for (let count = 0; count < 30; count++) statuses.push((await send("/notes/1")).status);
      expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(5);
    } finally {
      await workers.dispose();
    }
  });
});

describe("on Deno", { timeout: 90_000 }, () => {
  /** Names of the package, for projects without an import map of their own. */
  function withImports(project: string): string {
    const imports = { mantlet: "npm:mantlet", "mantlet/deno": "npm:mantlet/deno", zod: "npm:zod" };
    writeFileSync(join(project, "deno.json"), JSON.stringify({ imports }));
    return project;
  }

  test("the types hold", async () => {
    const project = withImports(projectOf("tests/types/deno.ts"));
    await deno(project, "check", ...installed, "--unstable-kv", "deno.ts");
  });

  test("a policy is checked, and tested with no permission but the network", async () => {
    const project = withImports(projectOf("tests/adapters/deno/published_test.ts"));
    const output = await deno(project, "test", ...offline, "--check", "--unstable-kv", "--allow-net", "--no-prompt");
    expect(output).toContain("ok | 1 passed | 0 failed");
  });

  test("the example is checked, passes its own test, and serves", async () => {
    const example = projectOf("examples/deno");
    await deno(example, "check", ...installed, "--unstable-kv", ".");
    const flags = [...offline, "--no-check", "--unstable-kv", "--allow-net", "--no-prompt"];
    expect(await deno(example, "test", ...flags)).toContain("ok | 1 passed | 0 failed");
    const config = ["--config", join(example, "deno.json")];
    const running = await startProcess("deno", ["run", ...config, ...flags, join(example, "main.ts"), "0"], denoEnv());
    try {
      const response = await running.send("/notes/1", { headers: { origin: "https://app.example.com" } });
      expect(response.status).toBe(404);
      expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
      expect(response.headers.get("ratelimit-policy")).toBe('"default";q=20;w=10');
    } finally {
      await running.stop();
    }
  });

  test("the example for Supabase is checked, and serves as an export", async () => {
    const example = projectOf("examples/supabase/functions/notes");
    await deno(example, "check", ...installed, "index.ts");
    const serve = ["serve", "--config", join(example, "deno.json"), ...offline, "--no-prompt", "--host", "127.0.0.1"];
    const running = await startProcess("deno", [...serve, "--port", "0", join(example, "index.ts")], denoEnv());
    try {
      const headers = { origin: "https://app.example.com", "content-type": "application/json" };
      const preflight = await running.send("/", {
        method: "OPTIONS",
        headers: { origin: headers.origin, "access-control-request-method": "POST" },
      });
      expect(preflight.status).toBe(204);
      expect((await running.send("/", { method: "POST", headers, body: '{"text":"hello"}' })).status).toBe(201);
      expect((await running.send("/", { method: "POST", headers, body: '{"text":1}' })).status).toBe(422);
    } finally {
      await running.stop();
    }
  });
});

test("the example for Bun serves its routes, and opens a WebSocket for its own origins alone", async () => {
  const example = projectOf("examples/bun");
  const running = await startProcess("bun", ["run", "--no-install", join(example, "server.ts")], { PORT: "0" });
  try {
    expect((await running.send("/notes/1", { method: "PUT", body: "hello" })).status).toBe(204);
    const response = await running.send("/notes/1");
    expect(await response.json()).toEqual({ text: "hello" });
    expect(response.headers.get("ratelimit-policy")).toBe('"default";q=20;w=10');
    expect((await running.send("/elsewhere")).headers.get("x-content-type-options")).toBe("nosniff");
    const socket = new WebSocket(new URL("/live", running.url?.replace("http:", "ws:")));
    const message = await new Promise((resolve, reject) => {
      socket.addEventListener("open", () => socket.send("ping"));
      socket.addEventListener("message", ({ data }) => resolve(data));
      socket.addEventListener("error", reject);
    });
    socket.close();
    expect(message).toBe("ping");
    const foreign = await running.send("/live", { headers: { ...handshakeFields, Origin: "https://evil.example" } });
    expect(foreign.status).toBe(403);
    expect((await running.send("/live")).status).toBe(426);
  } finally {
    await running.stop();
  }
});
