import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testAdapter } from "../../../src/testing.ts";
import { temporaryFolder } from "../../package/support.ts";
import { answers } from "./suite/answers.ts";
import { example } from "./suite/example.ts";
import { requests } from "./suite/requests.ts";
import { build, checkTypes, installForApps, makeApp, type Served, serve } from "./support.ts";

/**
 * The adapter on Next.js itself: mantlet is packed and installed, and three apps are made of `examples/next` and of the
 * routes in the folders here. `app` is built and started, and run by `next dev` once; `cached` is built and started with
 * Cache Components; `refused` must not build, neither with its types checked nor without. One after the other this takes one
 * to three minutes.
 */
const folder = temporaryFolder();
let consumer = "";
const minutes = 60_000;
/** The build of the first app checks the types of what all have in common. */
const skipTypes = "typescript: { ignoreBuildErrors: true }";

beforeAll(async () => {
  consumer = await installForApps(folder.path);
}, 2 * minutes);
afterAll(folder.remove);

/** The paths whose answers the build has made. */
function prerendered(app: string): readonly string[] {
  const manifest: unknown = JSON.parse(readFileSync(join(app, ".next", "prerender-manifest.json"), "utf8"));
  return Object.keys(Object(Object(manifest).routes)).filter((path) => !path.startsWith("/_"));
}

/** Builds and starts an app before the tests of a `describe`, and ends it after them. */
function started(make: () => string): { readonly app: () => string; readonly served: () => Served } {
  let app = "";
  let served: Served | undefined;
  beforeAll(async () => {
    app = make();
    const { exitCode, output } = await build(app);
    expect(exitCode, output).toBe(0);
    served = await serve("start", app);
  }, 2 * minutes);
  afterAll(() => served?.stop());
  return {
    app: () => app,
    served: () => {
      if (served === undefined) throw new Error("the app has not started");
      return served;
    },
  };
}

const subjectOf = async (served: Served, path: string, token: string): Promise<unknown> =>
  Object(await (await served.send(path, { headers: { authorization: `Bearer ${token}` } })).json()).subject;

describe("an app that is built and started", () => {
  const { app, served } = started(() => makeApp(consumer, "app", "experimental: { authInterrupts: true }"));
  const send: Served["send"] = (path, init) => served().send(path, init);

  describe("passes the suite", () => {
    testAdapter(send, { test, requestFields: { "nextUrl.pathname": "/fields", "cookies.size": 0 } });
  });
  example(send);
  answers(send, () => served().output());
  requests(send);

  test("prerenders no route behind the policy, not even one with GET alone and a lifetime", async () => {
    expect(prerendered(app())).toEqual(["/"]);
    expect((await send("/next/get-only")).status).toBe(401);
    expect(await subjectOf(served(), "/next/get-only", "reader")).toBe("u1");
    expect(await subjectOf(served(), "/next/get-only", "writer")).toBe("u2");
  });

  test("refuses a force-static route on every method, and says why in the log", async () => {
    for (const method of ["GET", "HEAD", "OPTIONS"]) {
      const response = await send("/next/force-static", { method });
      expect(response.status).toBe(500);
      expect(await response.text()).toBe("");
    }
    expect(served().output()).toContain("/next/force-static is force-static: one answer would be kept for everybody");
  });

  test("finishes the work given to waitUntil() before the server ends", async () => {
    const ending = await serve("start", app());
    try {
      expect((await ending.send("/next/later", { method: "POST" })).status).toBe(202);
      await ending.end();
      expect(ending.output()).toContain("worked");
    } finally {
      await ending.stop();
    }
  });

  test(
    "serves the same under next dev",
    async () => {
      const dev = await serve("dev", app());
      try {
        const read = await dev.send("/api/notes/1", { headers: { authorization: "Bearer reader" } });
        expect(read.status).toBe(200);
        expect(read.headers.get("x-content-type-options")).toBe("nosniff");
        const sent = { method: "POST", body: "text", headers: { "content-type": "text/plain", cookie: "session=s" } };
        const counted = await dev.send("/next/request/7/a", sent);
        expect(await counted.json()).toMatchObject({ isRequest: true, cookie: "s", text: "text" });
        const redirected = await dev.send("/next/answer/redirect");
        expect([redirected.status, redirected.headers.get("x-frame-options")]).toEqual([307, "DENY"]);
        expect((await dev.send("/next/force-static")).status).toBe(500);
      } finally {
        await dev.stop();
      }
    },
    2 * minutes,
  );
});

describe("an app with Cache Components", () => {
  const { app, served } = started(() => makeApp(consumer, "cached", `cacheComponents: true, ${skipTypes}`));

  test("prerenders no route behind the policy", async () => {
    expect(prerendered(app())).toEqual(["/"]);
    expect((await served().send("/me")).status).toBe(401);
    expect(await subjectOf(served(), "/me", "reader")).toBe("u1");
    expect(await subjectOf(served(), "/me", "writer")).toBe("u2");
  });

  test("serves a handler what its cached functions give", async () => {
    const [first, second] = [await served().send("/cached"), await served().send("/cached")];
    expect(first.headers.get("x-request-id")).not.toBe(second.headers.get("x-request-id"));
    expect(await first.json()).toEqual(await second.json());
  });

  test("makes an ordinary 500 of what a cached function throws, and 404 of its notFound()", async () => {
    for (const [what, status, code] of [
      ["error", 500, "internal_error"],
      ["not-found", 404, "not_found"],
    ] as const) {
      const response = await served().send(`/cached?what=${what}`);
      expect(response.status).toBe(status);
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      expect(await response.json()).toMatchObject({ code });
    }
  });
});

describe("an app with mistakes", () => {
  let app = "";
  beforeAll(() => {
    app = makeApp(consumer, "refused", skipTypes);
  });

  test(
    "does not type-check where a path does not fit the folder: the error names both and the parameter",
    async () => {
      const { exitCode, output } = await checkTypes(app);
      expect(exitCode).not.toBe(0);
      expect(output).toContain(`RouteHandlerConfig<"/users/[id]">`);
      expect(output).toContain(`RouteExport<"/users/[userId]">`);
      expect(output).toContain("Property 'userId' is missing in type '{ id: string; }'");
    },
    minutes,
  );

  test(
    "does not build where a path does not fit the folder: the error names the file and the parameter",
    async () => {
      const { exitCode, output } = await build(makeApp(consumer, "refused", "", "mistyped"));
      expect(exitCode).toBe(1);
      expect(output).toMatch(/typeof import\(".*\/mistyped\/app\/users\/\[id\]\/route"\)' does not satisfy/);
      expect(output).toContain("Property 'userId' is missing in type '{ id: string; }'");
    },
    2 * minutes,
  );

  test(
    "does not build where Next.js would keep the answer of a force-static route: the error says why",
    async () => {
      const { exitCode, output } = await build(app);
      expect(exitCode).toBe(1);
      expect(output).toContain("/kept is force-static: one answer would be kept for everybody");
    },
    2 * minutes,
  );
});
