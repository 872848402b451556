import { expect, test } from "vitest";
import { policy, problem } from "../src/index.ts";
import { expectProblem, get, ok, recorder, silent } from "./lib/harness.ts";

const outer = policy({ rateLimit: { name: "all", limit: 10, windowSeconds: 60 }, onEvent: silent });
const platform = { clientIp: "192.0.2.1" };

test("a request under two policies has one id: that which its handler saw", async () => {
  let seen = "";
  const inner = policy()((_request, { requestId }) => {
    seen = requestId;
    return ok();
  });
  const response = await outer(inner)(get());
  expect(response.headers.get("x-request-id")).toBe(seen);
});

test.each([
  ["returns", () => problem(404, "no_such_note")],
  [
    "throws",
    () => {
      throw new Error("canary");
    },
  ],
])("the id of a problem that an inner handler %s is in the field, the body and the event", async (_name, handler) => {
  const { events, onEvent } = recorder();
  const response = await outer(policy({ onEvent, onError: () => problem(500, "broken") })(handler))(get());
  const { requestId } = await response.json();
  expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
  expect(response.headers.get("x-request-id")).toBe(requestId);
  for (const event of events) expect(event.requestId).toBe(requestId);
});

test("the id of an inner policy's own refusal is in the field, the body and the event", async () => {
  const { events, onEvent } = recorder();
  const inner = policy({ onEvent, routes: { "/*": { methods: ["POST"] } } })(ok);
  const response = await outer(inner)(get());
  const requestId = response.headers.get("x-request-id");
  expect(await expectProblem(response, 405, "method_not_allowed")).toMatchObject({ requestId });
  expect(events).toMatchObject([{ type: "refused", code: "method_not_allowed", requestId }]);
});

test("an outer policy's refusal has its own id", async () => {
  const closed = policy({ onEvent: silent, routes: { "/*": { methods: ["POST"] } } });
  const response = await closed(policy()(ok))(get());
  const requestId = response.headers.get("x-request-id");
  expect(await expectProblem(response, 405, "method_not_allowed")).toMatchObject({ requestId });
});

test.each([false, { header: "X-Correlation-ID" }] as const)(
  "it has one id too where the inner policy says %j of the field",
  async (requestId) => {
    const inner = policy({ requestId, onEvent: silent });
    const response = await outer(inner(() => problem(404, "no_such_note")))(get());
    expect(response.headers.get("x-request-id")).toBe((await response.json()).requestId);
  },
);

test.each([
  ["deletes it", (headers: Headers) => headers.delete("x-request-id")],
  ["writes another one", (headers: Headers) => headers.set("x-request-id", "of-the-handler")],
])("the id stays the library's where a handler between two policies %s", async (_name, change) => {
  let seen = "";
  const inner = policy()((_request, { requestId }) => {
    seen = requestId;
    return ok();
  });
  const response = await outer(async (request) => {
    const answer = await inner(request);
    change(answer.headers);
    return answer;
  })(get());
  expect(response.headers.get("x-request-id")).toBe(seen);
});

test("clients are told of the limits of both policies, and of the one that refused", async () => {
  const inner = policy({ rateLimit: { name: "bulk", limit: 1, windowSeconds: 60 }, onEvent: silent });
  const send = () => outer.run(get(), platform, (request) => inner.run(request, platform, ok));
  const first = await send();
  expect(first.status).toBe(200);
  expect(first.headers.get("ratelimit-policy")).toBe('"bulk";q=1;w=60, "all";q=10;w=60');
  const second = await send();
  await expectProblem(second, 429, "rate_limited");
  expect(second.headers.get("retry-after")).toBe("60");
  expect(second.headers.get("ratelimit")).toMatch(/^"bulk";r=0;t=60, "all";r=8;t=\d+$/);
  expect(second.headers.get("x-ratelimit-limit")).toBe("1");
  expect(second.headers.get("x-ratelimit-remaining")).toBe("0");
});

test("of two limits with one name, clients are told of the inner one", async () => {
  const inner = policy({ rateLimit: { name: "all", limit: 2, windowSeconds: 60 }, onEvent: silent });
  const response = await outer.run(get(), platform, (request) => inner.run(request, platform, ok));
  expect(response.headers.get("ratelimit-policy")).toBe('"all";q=2;w=60');
});

test("a limit of an outer policy that counted nothing leaves the fields of the inner one", async () => {
  const inner = policy({ rateLimit: { name: "bulk", limit: 1, windowSeconds: 60 } });
  const open = policy({
    rateLimit: { name: "all", limit: 10, windowSeconds: 60 },
    routes: { "/health": { rateLimit: "none" } },
  });
  const response = await open.run(get("/health"), platform, (request) => inner.run(request, platform, ok));
  expect(response.headers.get("ratelimit-policy")).toBe('"bulk";q=1;w=60');
});

test("a kept response shows nothing of the limits of another request", async () => {
  const kept = new Response(null, { status: 204 });
  const inner = policy({ rateLimit: { name: "bulk", limit: 1, windowSeconds: 60 } });
  await inner.run(get(), platform, () => kept);
  const response = await outer.run(get(), { clientIp: "192.0.2.7" }, () => kept);
  expect(response.headers.get("ratelimit-policy")).toBe('"all";q=10;w=60');
});

test.each([
  ["as the outer one does gives no warning", "https://app.example.com", []],
  ["otherwise than the outer one does gives one", "https://*.example.com", ["cors_field_overwritten"]],
])("an inner policy that answers a page %s", async (_name, origin, codes) => {
  const { events, onEvent } = recorder();
  const cors = { origins: ["https://app.example.com"], credentials: true } as const;
  const api = policy({ cors, onEvent });
  const inner = api.with({ cors: { ...cors, origins: [origin] } });
  const foreign = codes.length > 0 ? "https://other.example.com" : "https://app.example.com";
  const response = await api(inner(ok))(get("/", { origin: foreign }));
  expect(response.headers.get("access-control-allow-origin")).toBe(codes.length > 0 ? null : foreign);
  expect(events.map(({ code }) => code)).toEqual(codes);
});
