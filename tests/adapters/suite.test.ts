import { describe, expect, test } from "vitest";
import {
  type AdapterContext,
  type AdapterHandler,
  adapterHandlers,
  adapterPolicy,
  type SendToApp,
  testAdapter,
} from "../../src/testing.ts";

type Fetch = (request: Request) => Promise<Response>;

/** The app of the suite, without a platform. */
function makeApp(): Fetch {
  return adapterPolicy()((request, context) => {
    const handle = adapterHandlers.get(new URL(request.url).pathname);
    return handle?.(request, context) ?? new Response(null, { status: 404 });
  });
}

/** As a platform does it: with something of its own on the request, and without the body of an answer to HEAD. */
function sendTo(app: Fetch): SendToApp {
  return async (path, init) => {
    const request = Object.assign(new Request(`http://127.0.0.1${path}`, init), { own: 1 });
    const response = await app(request);
    return request.method === "HEAD" ? new Response(null, response) : response;
  };
}

describe("the suite passes for a policy without an adapter", () => {
  testAdapter(sendTo(makeApp()), { test, requestFields: { own: 1 } });
});

/** Runs the suite by hand, and gives the names of the tests that fail. */
async function failuresOf(app: Fetch): Promise<readonly string[]> {
  const tests = new Map<string, () => Promise<void>>();
  testAdapter(sendTo(app), { test: (name, run) => tests.set(name, run), concurrency: 50, requestFields: { own: 1 } });
  const failures: string[] = [];
  for (const [name, run] of tests) await run().catch(() => failures.push(name));
  return failures;
}

describe("the suite finds an adapter that", () => {
  const app = makeApp();
  const handle: AdapterHandler = (request, context) =>
    adapterHandlers.get(new URL(request.url).pathname)?.(request, context) ?? new Response(null, { status: 404 });
  const { run } = adapterPolicy().prepare(handle);
  test.each<[string, Fetch, RegExp]>([
    [
      "writes an answer anew",
      async (request) => {
        const { body, status, headers } = await app(request);
        return new Response(body, { status, headers: Object.fromEntries(headers) });
      },
      /Set-Cookie/,
    ],
    [
      "holds a stream back",
      async (request) => {
        const response = await app(request);
        return response.body === null ? response : new Response(await response.text(), response);
      },
      /as they come/,
    ],
    [
      "runs the policy twice",
      async (request) => {
        await app(request.clone());
        return app(request);
      },
      /counts each request once/,
    ],
    ["loses what the platform put on requests", (request) => app(new Request(request)), /keeps what the platform put/],

    [
      "answers what was thrown itself",
      async (request) => {
        const response = await app(request);
        return response.status === 500 ? new Response("Internal Server Error", { status: 500 }) : response;
      },
      /what a handler threw/,
    ],
    [
      "leaves preflights to the platform",
      async (request) => (request.method === "OPTIONS" ? new Response(null, { status: 204 }) : app(request)),
      /preflight itself/,
    ],
    [
      "mixes up requests",
      (() => {
        let last: Response | undefined;
        return async (request) => {
          const response = await app(request);
          const answer = request.url.endsWith("/json") ? (last ?? response) : response;
          if (request.url.endsWith("/json")) last = new Response(null, response);
          return answer.clone();
        };
      })(),
      /concurrent requests of different origins/,
    ],
    [
      "gives a handler the context of another request",
      (() => {
        let last: AdapterContext;
        const mixed = adapterPolicy().prepare(async (request, context) => {
          last = context;
          await new Promise((resolve) => setTimeout(resolve, 1));
          return handle(request, last);
        });
        return (request) => mixed.run(request, {});
      })(),
      /its own caller and id/,
    ],
    [
      "tells what was thrown",
      async (request) => {
        const response = await app(request);
        return response.status === 500 ? new Response("password=hunter2", response) : response;
      },
      /what a handler threw/,
    ],
    [
      "names Origin in Vary again",
      async (request) => {
        const response = await app(request);
        if (response.status === 200) response.headers.append("Vary", "Origin");
        return response;
      },
      /every field of the policy/,
    ],
    [
      "takes the address from a field",
      (request) => run(request, { clientIp: request.headers.get("x-forwarded-for") ?? undefined }),
      /takes the address from the platform/,
    ],
    [
      "knows some methods only",
      async (request) =>
        ["PUT", "PATCH", "DELETE"].includes(request.method)
          ? handle(request, {
              requestId: "",
              clientIp: undefined,
              auth: { method: "a", subject: "b", scopes: new Set() },
              tenant: "",
            })
          : app(request),
      /holds every method/,
    ],
    [
      "keeps an answer for the next who asks the same",
      (() => {
        const kept = new Map<string, Response>();
        return async (request) => {
          const { method, url, headers } = request;
          const key = `${method} ${url} ${headers.get("origin")} ${headers.get("authorization")}`;
          const response = kept.get(key) ?? (await app(request));
          if (url.endsWith("/json")) kept.set(key, new Response(null, response));
          return response;
        };
      })(),
      /anew/,
    ],
  ])("%s", async (_, broken, found) => {
    expect((await failuresOf(broken)).join("\n")).toMatch(found);
  });
});
