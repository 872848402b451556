import { describe, expect, test, vi } from "vitest";
import { policy, type RequestIdOptions } from "../../src/index.ts";
import { expectMistake, get, ok, recorder } from "../lib/harness.ts";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The id in the field, in the context and in events, which must be one. */
async function idOf(requestId: RequestIdOptions | undefined, headers: Record<string, string>, header = "x-request-id") {
  const { events, onEvent } = recorder();
  let inContext: string | undefined;
  const api = requestId === undefined ? policy({ onEvent }) : policy({ requestId, onEvent });
  const response = await api((_request, context) => {
    inContext = context.requestId;
    throw new Error("an event, please");
  })(get("/", headers));
  const body = await response.json();
  const event = events[0];
  expect(body.requestId).toBe(inContext);
  expect(event?.requestId).toBe(inContext);
  return { id: inContext ?? "", sent: response.headers.get(header), clientRequestId: event?.clientRequestId };
}

test("each request gets a new UUID", async () => {
  const first = await idOf(undefined, {});
  const second = await idOf(undefined, {});
  expect(first.id).toMatch(uuid);
  expect(first.sent).toBe(first.id);
  expect(second.id).not.toBe(first.id);
});

test("an id that came with the request is not kept, and is in events as the client's word", async () => {
  const { id, sent, clientRequestId } = await idOf(undefined, { "x-request-id": "from-client-1" });
  expect(id).toMatch(uuid);
  expect(sent).toBe(id);
  expect(clientRequestId).toBe("from-client-1");
});

test('inbound: "accept" keeps a well-formed id', async () => {
  const { id, sent, clientRequestId } = await idOf({ inbound: "accept" }, { "x-request-id": "Az09._~:@=+/-" });
  expect(id).toBe("Az09._~:@=+/-");
  expect(sent).toBe(id);
  expect(clientRequestId).toBeUndefined();
});

test.each(["1234567", "x".repeat(129), "12345678 9", "12345678<", "id1, id2xx", 'a"bcdefgh', "caf\xe9-caf\xe9"])(
  'inbound: "accept" does not keep %j, and it is in no event',
  async (id) => {
    const result = await idOf({ inbound: "accept" }, { "x-request-id": id });
    expect(result.id).toMatch(uuid);
    expect(result.clientRequestId).toBeUndefined();
  },
);

test.each(["12345678", "x".repeat(128)])('inbound: "accept" keeps an id of %s, at the bounds', async (id) => {
  expect((await idOf({ inbound: "accept" }, { "x-request-id": id })).id).toBe(id);
});

describe("inbound as a function", () => {
  test("decides case by case, and gets the request", async () => {
    const inbound = (id: string, request: Request): boolean => id.startsWith("gw-") && request.headers.has("x-gateway");
    const kept = await idOf({ inbound }, { "x-request-id": "gw-123456", "x-gateway": "1" });
    expect(kept.id).toBe("gw-123456");
    const refused = await idOf({ inbound }, { "x-request-id": "gw-123456" });
    expect(refused.id).toMatch(uuid);
    expect(refused.clientRequestId).toBe("gw-123456");
  });

  test("is never asked about a malformed id", async () => {
    const asked: string[] = [];
    await idOf({ inbound: (id) => asked.push(id) > 0 }, { "x-request-id": "short" });
    expect(asked).toEqual([]);
  });

  const throwing = (): never => {
    throw new Error("canary");
  };
  test.each<readonly [string, () => unknown, RegExp]>([
    ["throws", throwing, /canary/],
    ["gives a promise", async () => true, /true or false, at once/],
    ["gives a promise that is rejected", async () => throwing(), /true or false, at once/],
    ["gives something else that is true", () => "gw-123456", /true or false, at once/],
    ["gives nothing", () => undefined, /true or false, at once/],
  ])("that %s keeps nothing, and an event says so", async (_name, inbound, message) => {
    const { events, onEvent } = recorder();
    const api = policy({ requestId: { inbound: inbound as () => boolean }, onEvent }); // what JavaScript callers may write
    const requestId = (await api(ok)(get("/", { "x-request-id": "gw-123456" }))).headers.get("x-request-id");
    expect(requestId).toMatch(uuid);
    await vi.waitUntil(() => events.length > 0);
    const error = expect.objectContaining({ message: expect.stringMatching(message) });
    expect(events).toMatchObject([{ type: "handler_error", code: "internal_error", requestId, error }]);
  });
});

test("header names the field that is read and sent", async () => {
  const options = { header: "X-Correlation-ID", inbound: "accept" } as const;
  const result = await idOf(
    options,
    { "x-correlation-id": "gateway-1", "x-request-id": "other-one" },
    "x-correlation-id",
  );
  expect(result.id).toBe("gateway-1");
  expect(result.sent).toBe("gateway-1");
  expect((await idOf(options, {})).sent).toBeNull();
});

test("requestId: false sends no field; context, problem and event keep the id", async () => {
  const { id, sent } = await idOf(false, {});
  expect(id).toMatch(uuid);
  expect(sent).toBeNull();
});

test("a handler's own X-Request-ID is replaced: the field is ours", async () => {
  const response = await policy()(() => Response.json({}, { headers: { "x-request-id": "handler" } }))(get());
  expect(response.headers.get("x-request-id")).toMatch(uuid);
});

test.each([
  [{ header: "a b" }, "requestId.header", /not a field name/],
  [{ header: "" }, "requestId.header", /not a field name/],
  [{ header: 1 }, "requestId.header", /not a field name/],
  [{ inbound: true }, "requestId.inbound", /"accept" or a function/],
  [{ inbound: "reject" }, "requestId.inbound", /"accept" or a function/],
  [{ inbound: undefined }, "requestId.inbound", /is undefined/],
  [{ generate: () => "x" }, "requestId.generate", /unknown option/],
  [true, "requestId", /not an object/],
  ["X-Id", "requestId", /not an object/],
  [null, "requestId", /not an object/],
])("refuses requestId: %j", (requestId, path, message) => {
  expectMistake({ requestId }, path, message);
});
