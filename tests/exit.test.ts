import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Handler, problem, secure } from "../src/index.ts";
import { app, foreign, other } from "./runtimes/origins.ts";
import { refusedContent } from "./runtimes/refused-content.ts";
import { actual, expected, requestFrom, type Subset, subsets, under } from "./runtimes/subsets.ts";
import { startUpstream, type Upstream } from "./runtimes/upstream.ts";

let upstream: Upstream;
beforeAll(async () => {
  upstream = await startUpstream();
});
afterAll(() => upstream.close());

/** Checks a response against the fields that this subset of the policies writes, and no others. */
function expectFields(subset: Subset, response: Response, answer: Partial<Parameters<typeof expected>[1]> = {}): void {
  const cacheControl = subset.headers ? "no-store" : null;
  const fields = expected(subset, { origin: app, cacheControl, counted: true, ...answer });
  expect(actual(fields, response), JSON.stringify(subset)).toEqual(fields);
}

interface Case {
  readonly name: string;
  readonly status: number;
  readonly handler: Handler<object>;
  readonly init?: RequestInit;
  /** Where it is not what the policy writes by itself. */
  readonly cacheControl?: (subset: Subset) => string | null;
}

const always = (): string => "no-store";
const cases: readonly Case[] = [
  { name: "a 200", status: 200, handler: () => Response.json({ ok: true }) },
  { name: "a 204", status: 204, handler: () => new Response(null, { status: 204 }) },
  {
    name: "a 304",
    status: 304,
    handler: () => new Response(null, { status: 304 }),
    cacheControl: ({ headers }) => (headers ? "private, no-cache" : null),
  },
  { name: "a 404 by problem()", status: 404, handler: () => problem(404, "no_such_note"), cacheControl: always },
  { name: "a 403 by problem()", status: 403, handler: () => problem(403, "not_yours"), cacheControl: always },
  {
    name: "a thrown Error",
    status: 500,
    handler: () => {
      throw new Error("the handler fails");
    },
    cacheControl: always,
  },
  {
    name: "a rejected promise",
    status: 500,
    handler: () => Promise.reject(new Error("the handler fails")),
    cacheControl: always,
  },
  {
    name: "a thrown Response",
    status: 409,
    handler: () => {
      throw Response.json({ thrown: true }, { status: 409 });
    },
  },
  { name: "a redirect", status: 302, handler: () => Response.redirect("https://www.example.com/", 302) },
  { name: "what fetch() gave", status: 200, handler: () => fetch(`${upstream.url}/bare`) },
  { name: "HEAD", status: 200, handler: () => new Response(null), init: { method: "HEAD" } },
  {
    name: "HEAD that is refused",
    status: 404,
    handler: () => problem(404, "no_such_note"),
    init: { method: "HEAD" },
    cacheControl: always,
  },
  {
    name: "what is no Response",
    status: 500,
    // Types do not allow it; a handler in JavaScript may do it.
    handler: () => ({ status: "ok" }) as unknown as Response,
    cacheControl: always,
  },
  { name: "Response.error()", status: 500, handler: () => Response.error(), cacheControl: always },
];

describe("with every subset of the policies, exactly their fields are on", () => {
  test.each(cases.map((each) => [each.name, each] as const))(
    "%s",
    async (_, { status, handler, init, cacheControl }) => {
      for (const subset of subsets) {
        const response = await under(subset, handler)(requestFrom(app, init));
        expect(response.status, JSON.stringify(subset)).toBe(status);
        expectFields(subset, response, cacheControl && { cacheControl: cacheControl(subset) });
        if (init?.method === "HEAD") expect(await response.text()).toBe("");
      }
    },
  );

  test.each(refusedContent.map((each) => [each.name, each] as const))(
    "%s",
    async (_, { status, code, counted, asked, init, fields = {} }) => {
      const read: Handler<object> = async (request) => Response.json(await request.text().catch(() => "swallowed"));
      for (const subset of subsets) {
        const response = await under(subset, read, asked)(requestFrom(app, init));
        expect(response.status, JSON.stringify(subset)).toBe(status);
        expectFields(subset, response, { cacheControl: "no-store", counted });
        expect(Object.fromEntries(response.headers)).toMatchObject(fields);
        expect(response.headers.get("content-type")).toBe("application/problem+json");
        expect(await response.json()).toMatchObject({ status, code });
      }
    },
  );

  test("a refused cross-origin request", async () => {
    for (const subset of subsets.filter(({ crossOrigin }) => crossOrigin)) {
      const headers = { "Sec-Fetch-Site": "cross-site", Cookie: "session=1" };
      const request = requestFrom(foreign, { method: "POST", headers });
      const response = await under(subset, () => new Response("reached"))(request);
      expect(response.status, JSON.stringify(subset)).toBe(403);
      expectFields(subset, response, { origin: foreign, cacheControl: "no-store", counted: false });
    }
  });

  test("a cross-origin request where the protection is off", async () => {
    for (const subset of subsets.filter(({ crossOrigin }) => !crossOrigin)) {
      const request = requestFrom(foreign, { method: "POST", headers: { "Sec-Fetch-Site": "cross-site" } });
      const response = await under(subset, () => Response.json({}))(request);
      expect(response.status, JSON.stringify(subset)).toBe(200);
      expectFields(subset, response, { origin: foreign });
    }
  });

  test("a request over the limit", async () => {
    for (const subset of subsets.filter(({ rateLimit }) => rateLimit)) {
      const handler = under(subset, () => Response.json({}), { limit: 1 });
      expect((await handler(requestFrom(app))).status, JSON.stringify(subset)).toBe(200);
      const response = await handler(requestFrom(app));
      expect(response.status, JSON.stringify(subset)).toBe(429);
      expect(response.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
      expectFields(subset, response, { cacheControl: "no-store" });
    }
  });

  test("a request without or with a bad credential", async () => {
    for (const subset of subsets.filter(({ auth }) => auth)) {
      const handler = under(subset, () => Response.json({}));
      const without = new Request("https://api.example.com/notes", { headers: { Origin: app } });
      for (const request of [without, requestFrom(app, { headers: { Authorization: "Bearer mallory" } })]) {
        const response = await handler(request);
        expect(response.status, JSON.stringify(subset)).toBe(401);
        expect(response.headers.get("www-authenticate")).toBe("Bearer");
        expectFields(subset, response, { cacheControl: "no-store" });
      }
    }
  });

  test.each([
    ["204", () => new Response(null, { status: 204 })],
    ["redirect", () => Response.redirect("https://www.example.com/", 302)],
  ])("a %s that the handler keeps, for one origin after the other", async (_, make) => {
    for (const subset of subsets) {
      const kept = make();
      const handler = under(subset, () => kept);
      const ids = new Set<string | null>();
      for (const origin of [app, other, foreign, app]) {
        const response = await handler(requestFrom(origin));
        expect(response.status, JSON.stringify(subset)).toBe(kept.status);
        expectFields(subset, response, { origin });
        ids.add(response.headers.get("x-request-id"));
      }
      expect(ids.size).toBe(subset.requestId ? 4 : 1);
    }
  });

  test("two Set-Cookie fields, of the handler and of an upstream", async () => {
    for (const subset of subsets) {
      const cookies = ["a=1; Path=/; HttpOnly", "b=2; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT"];
      const own = under(subset, () => {
        const response = Response.json({});
        for (const cookie of cookies) response.headers.append("Set-Cookie", cookie);
        return response;
      });
      expect((await own(requestFrom(app))).headers.getSetCookie()).toEqual(cookies);
      const proxied = under(subset, () => fetch(`${upstream.url}/plain`));
      const response = await proxied(requestFrom(app));
      expect(response.headers.getSetCookie()).toEqual(["upstream=1; Path=/", "upstream=2; Path=/"]);
    }
  });
});

describe("the fields of an upstream", () => {
  test("give way to those that the policy writes, and stay where it writes none", async () => {
    for (const subset of subsets) {
      const response = await under(subset, () => fetch(`${upstream.url}/plain`))(requestFrom(foreign));
      const label = JSON.stringify(subset);
      const allowOrigin = { none: "*", list: null, "*": "*" }[subset.cors];
      expect(response.headers.get("access-control-allow-origin"), label).toBe(allowOrigin);
      const id = response.headers.get("x-request-id");
      expect(id === "id-of-the-upstream", label).toBe(!subset.requestId);
      expect(response.headers.get("x-ratelimit-limit"), label).toBe(subset.rateLimit ? "1000" : "7");
      expect(response.headers.get("x-powered-by"), label).toBe(subset.headers ? null : "upstream");
      expect(response.headers.get("referrer-policy"), label).toBe("same-origin");
    }
  });
});

test("the default security fields are 7 and at most 270 bytes over https", async () => {
  const response = await secure(() => new Response(null, { status: 204 }))(new Request("https://api.example.com/"));
  const fields = [...response.headers].filter(([name]) => name !== "x-request-id");
  expect(fields.map(([name]) => name).sort()).toEqual([
    "cache-control",
    "content-security-policy",
    "cross-origin-resource-policy",
    "referrer-policy",
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
  ]);
  // As HTTP/1.1 sends them: name, colon, space, value, CRLF.
  const bytes = fields.reduce((sum, [name, value]) => sum + Buffer.byteLength(`${name}: ${value}\r\n`), 0);
  expect(bytes).toBeLessThanOrEqual(270);
});
