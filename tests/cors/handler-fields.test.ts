import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { policy } from "../../src/index.ts";
import { get, silent } from "../lib/harness.ts";
import { accessControl, app, foreign, hello, recorder, requestFrom, varyOf } from "./support.ts";

const handlersOwn = {
  "access-control-allow-origin": "*",
  "access-control-allow-credentials": "true",
  "access-control-expose-headers": "X-Secret",
  "access-control-allow-methods": "DELETE",
};
const setsItsOwn = (): Response => Response.json({}, { headers: handlersOwn });

describe("CORS fields that the handler set", () => {
  test("are overwritten for an allowed origin, with one warning that names passthrough", async () => {
    const { events, onEvent } = recorder();
    const response = await policy({ cors: { origins: [app] }, onEvent })(setsItsOwn)(requestFrom(app));
    expect(response.headers.get("access-control-allow-origin")).toBe(app);
    expect(response.headers.has("access-control-allow-credentials")).toBe(false);
    expect(response.headers.get("access-control-expose-headers")).not.toContain("X-Secret");
    expect(events).toMatchObject([
      { type: "warning", code: "cors_field_overwritten", message: expect.stringContaining("passthrough") },
    ]);
  });

  test("are deleted for a disallowed origin, all of them", async () => {
    const { events, onEvent } = recorder();
    const response = await policy({ cors: { origins: [app] }, onEvent })(setsItsOwn)(requestFrom(foreign));
    expect(accessControl(response)).toEqual({});
    expect(events).toMatchObject([{ type: "warning", code: "cors_field_overwritten" }]);
  });

  test("never reach a request without Origin, whose answer a cache may give to any page", async () => {
    const { onEvent } = recorder();
    const response = await policy({ cors: { origins: [app] }, onEvent })(setsItsOwn)(requestFrom(null));
    expect(accessControl(response)).toEqual({});
    expect(varyOf(response)).toEqual(["origin"]);
  });

  test("are overwritten with one warning, also on a fetched response, whose headers are immutable", async () => {
    const { events, onEvent } = recorder();
    const server = createServer((_, response) => response.writeHead(200, handlersOwn).end("{}")).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo; // listening on TCP
    const bare = policy({ cors: { origins: [app] }, headers: false, requestId: false, onEvent });
    const response = await bare({ methods: ["GET"] }, () => fetch(`http://127.0.0.1:${port}/`))(requestFrom(app));
    await response.arrayBuffer();
    server.closeAllConnections();
    server.close();
    expect(response.headers.get("access-control-allow-origin")).toBe(app);
    expect(response.headers.has("access-control-allow-credentials")).toBe(false);
    expect(events.filter(({ code }) => code === "cors_field_overwritten")).toHaveLength(1);
  });

  test("are left alone where cors is absent, with one warning", async () => {
    const { events, onEvent } = recorder();
    const response = await policy({ onEvent })(setsItsOwn)(requestFrom(app));
    expect(accessControl(response)).toEqual(handlersOwn);
    expect(events).toMatchObject([{ type: "warning", code: "cors_field_without_cors" }]);
  });

  test("are left alone where cors is absent, also on a response that the handler keeps", async () => {
    const { onEvent } = recorder();
    const kept = new Response(null, { status: 204, headers: handlersOwn });
    const fetch = policy({ onEvent })(() => kept);
    expect(accessControl(await fetch(requestFrom(app)))).toEqual(handlersOwn);
    expect(accessControl(await fetch(requestFrom(app)))).toEqual(handlersOwn);
  });

  test("of a kept response that were ours never reach another origin", async () => {
    const { onEvent } = recorder();
    const kept = new Response(null, { status: 204 });
    const other = "https://other.example.com";
    const fetch = policy({ cors: { origins: [app, other], credentials: true }, onEvent })(() => kept);
    const answers = [];
    for (const origin of [app, foreign, other, null])
      answers.push((await fetch(requestFrom(origin))).headers.get("access-control-allow-origin"));
    expect(answers).toEqual([app, null, other, null]);
  });
});

describe("Vary of the handler", () => {
  const varying = (vary: string) =>
    policy({ cors: { origins: [app] } })(() => Response.json({}, { headers: { vary } }))(requestFrom(app));

  test.each([
    ["Accept-Encoding", "Accept-Encoding, Origin"],
    ["Accept, Cookie", "Accept, Cookie, Origin"],
    ["origin", "origin"],
    ["ORIGIN , Accept", "ORIGIN , Accept"],
    ["X-Origin", "X-Origin, Origin"],
    ["*", "*"],
    ["Accept, *", "Accept, *"],
  ])("%s becomes %s", async (before, after) => {
    expect((await varying(before)).headers.get("vary")).toBe(after);
  });

  test("stays as it is where every origin is allowed", async () => {
    const fetch = policy({ cors: { origins: "*" } })(() => Response.json({}, { headers: { vary: "Accept" } }));
    expect((await fetch(requestFrom(app))).headers.get("vary")).toBe("Accept");
  });

  test("is never taken from the request", async () => {
    const response = await policy({ cors: { origins: [app] } })(hello)(requestFrom(app, "GET", { vary: "X-Injected" }));
    expect(varyOf(response)).toEqual(["origin"]);
  });
});

test("no CORS field at all reaches an origin that is not allowed, whoever wrote it", async () => {
  const api = policy({ onEvent: silent, cors: { origins: ["https://app.example.com"] } });
  const handler = (): Response =>
    new Response(null, {
      headers: { "Access-Control-Allow-Private-Network": "true", "Access-Control-Allow-Origin": "*" },
    });
  const { headers } = await api(handler)(get("/", { origin: "https://evil.example" }));
  expect([...headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
});
