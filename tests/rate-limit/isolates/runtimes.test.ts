import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { afterAll, expect, test, vi } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "mantlet-isolates-"));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}

type Variables = Readonly<Record<string, string>>;

/** What the program says under a runtime, in an environment of nothing else. */
async function run(runtime: string, args: readonly string[], variables: Variables): Promise<unknown> {
  const { stdout, stderr } = await promisify(execFile)(
    pathOf(`../../../node_modules/.bin/${runtime}`),
    [...args, pathOf("main.ts")],
    { env: { PATH: process.env.PATH ?? "", ...variables }, timeout: 20_000 },
  );
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

/** The answers are the same everywhere; of ten requests, the first of each store warns where a platform is known. */
const answers = "200 200 429 429 429 200 200 429 429 429";
const silence = { warnings: [], statuses: answers };

function warningsOn(platform: string): unknown {
  const message = (advice: string): unknown =>
    expect.stringMatching(new RegExp(`and ${platform} runs many.* ${advice}`));
  const warning = {
    type: "warning",
    code: "counted_per_isolate",
    method: "GET",
    path: "/notes",
    clientIp: "192.0.2.1",
  };
  const requestId = expect.any(String);
  return {
    warnings: [
      { ...warning, requestId, message: message("a store that they share") },
      { ...warning, requestId, message: message("while the store is down") },
    ],
    statuses: answers,
  };
}

test.each(["node", "bun"])("%s warns where a variable tells of a platform, and nowhere else", async (runtime) => {
  expect(await run(runtime, [], {})).toEqual(silence);
  expect(await run(runtime, [], { AWS_LAMBDA_FUNCTION_NAME: "notes" })).toEqual(warningsOn("AWS Lambda"));
});

test("an environment that refuses to be read is none", async () => {
  const refusal = `process.env = new Proxy(process.env, {
    get(variables, name) {
      if (name === "VERCEL") throw new Error("no");
      return variables[name];
    },
  })`;
  const preload = `data:text/javascript,${encodeURIComponent(refusal)}`;
  expect(await run("node", ["--import", preload], { VERCEL: "1" })).toEqual(silence);
});

test.each<readonly [string, readonly string[], unknown, readonly string[]]>([
  ["without permissions nothing is read, asked for or thrown", [], silence, []],
  ["with some permissions, only what they allow is read", ["--allow-env=HOME,K_SERVICE"], silence, []],
  ["with permission it warns", ["--allow-env"], warningsOn("Deno Deploy"), ["DENO_DEPLOYMENT_ID"]],
  ["with permission for that variable it warns", ["--allow-env=DENO_DEPLOYMENT_ID"], warningsOn("Deno Deploy"), []],
])("on Deno, %s", async (_name, permissions, expected, read) => {
  const audit = join(folder, "permissions.jsonl");
  rmSync(audit, { force: true });
  const flags = ["run", "--no-remote", "--no-npm", "--no-lock", "--no-config", ...permissions];
  const variables = {
    DENO_DIR: join(folder, "deno"),
    DENO_NO_UPDATE_CHECK: "1",
    DENO_AUDIT_PERMISSIONS: audit,
    DENO_DEPLOYMENT_ID: "notes",
  };
  expect(await run("deno", flags, variables)).toEqual(expected);
  // Deno notes here whatever needs a permission, whether it is granted, denied or asked for.
  const needed = existsSync(audit) ? readFileSync(audit, "utf8") : "";
  if (permissions.length === 0) expect(needed).toBe("");
  for (const name of read) expect(needed).toContain(`"value":"${name}"`);
});

test("workerd warns, with policies that were created at module scope", async () => {
  const { outputFiles } = await build({
    entryPoints: [pathOf("worker.ts")],
    bundle: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  vi.stubEnv("TMPDIR", folder); // Miniflare does not always take its folder away
  const workers = new Miniflare({
    cf: false,
    compatibilityDate: "2026-07-01",
    host: "127.0.0.1",
    modules: [{ type: "ESModule", path: "worker.mjs", contents: outputFiles[0]?.text ?? "" }],
  });
  vi.unstubAllEnvs();
  try {
    const response = await workers.dispatchFetch("https://api.example.com/");
    expect(await response.json()).toEqual(warningsOn("Cloudflare Workers"));
  } finally {
    await workers.dispose();
  }
});
