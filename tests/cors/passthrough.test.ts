import { describe, expect, test, vi } from "vitest";
import { policy } from "../../src/index.ts";
import { thenable, untyped } from "../lib/harness.ts";
import {
  accessControl,
  app,
  codeOf,
  foreign,
  hello,
  mistakesIn,
  preflightFrom,
  recorder,
  requestFrom,
} from "./support.ts";

const gatewayFields = { "access-control-allow-origin": "https://elsewhere.example", "access-control-max-age": "5" };
const answer = (): Response => new Response(null, { status: 200, headers: gatewayFields });
const api = policy({ cors: { passthrough: answer }, crossOrigin: { origins: [app] } });

describe("cors: { passthrough }", () => {
  test("answers preflights with that function and never with the handler", async () => {
    const handler = vi.fn(hello);
    const passthrough = vi.fn(answer);
    const request = preflightFrom(foreign);
    const own = policy({ cors: { passthrough }, crossOrigin: "off" });
    const response = await own(handler)(request);
    expect(response.status).toBe(200);
    expect(accessControl(response)).toEqual(gatewayFields);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(passthrough).toHaveBeenCalledExactlyOnceWith(request);
    expect(handler).not.toHaveBeenCalled();
  });

  test("leaves the CORS fields of the handler alone, without a warning", async () => {
    const { events, onEvent } = recorder();
    const response = await api.with({ onEvent })(() => Response.json({}, { headers: gatewayFields }))(requestFrom(app));
    expect(accessControl(response)).toEqual(gatewayFields);
    expect(events).toEqual([]);
  });

  test("leaves the fields of a preflight answer alone that the function keeps and gives again", async () => {
    const kept = answer();
    const fetch = policy({ cors: { passthrough: () => kept }, crossOrigin: "off" })(hello);
    expect(accessControl(await fetch(preflightFrom(app)))).toEqual(gatewayFields);
    expect(accessControl(await fetch(preflightFrom(app)))).toEqual(gatewayFields);
  });

  test("adds no CORS field and no Vary of its own", async () => {
    const response = await api(hello)(requestFrom(app));
    expect(accessControl(response)).toEqual({});
    expect(response.headers.has("vary")).toBe(false);
  });

  test("may be asynchronous", async () => {
    const later = policy({ cors: { passthrough: async () => answer() }, crossOrigin: "off" });
    expect((await later(hello)(preflightFrom(app))).status).toBe(200);
  });

  test("may give a thenable whose then() gives nothing", async () => {
    const handler = vi.fn(hello);
    const passthrough = (): unknown => thenable((give) => give(answer()));
    const own = untyped({ cors: { passthrough }, crossOrigin: "off" });
    expect((await own(handler)(preflightFrom(app))).status).toBe(200);
    expect(handler).not.toHaveBeenCalled();
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("boom");
      },
    ],
    ["rejects", () => Promise.reject(new Error("boom"))],
    ["gives nothing", () => undefined],
    ["resolves with nothing", async () => undefined],
  ])("that %s becomes a 500 that tells nothing, and the handler is not reached", async (_, passthrough) => {
    const handler = vi.fn(hello);
    const { events, onEvent } = recorder();
    const response = await untyped({ cors: { passthrough }, crossOrigin: "off", onEvent })(handler)(preflightFrom(app));
    expect(response.status).toBe(500);
    expect(await codeOf(response)).toBe("internal_error");
    expect(accessControl(response)).toEqual({});
    expect(handler).not.toHaveBeenCalled();
    expect(events).toMatchObject([{ type: "handler_error" }]);
  });

  test("needs the origins of cross-origin protection beside it, or its end", () => {
    expect(mistakesIn({ cors: { passthrough: answer } })).toEqual([
      { path: "crossOrigin.origins", message: expect.stringMatching(/required beside cors.passthrough.*"off"/) },
    ]);
    expect(mistakesIn({ cors: { passthrough: answer }, crossOrigin: "off" })).toEqual([]);
  });

  test("stands alone: every other key is a mistake beside it", () => {
    const paths = mistakesIn({ cors: { passthrough: answer, origins: [app], credentials: true }, crossOrigin: "off" });
    expect(paths.map(({ path }) => path).sort()).toEqual(["cors.credentials", "cors.origins"]);
    expect(mistakesIn({ cors: { passthrough: true }, crossOrigin: "off" })).toMatchObject([
      { path: "cors.passthrough" },
    ]);
  });

  test("protects writes with the list of crossOrigin", async () => {
    expect((await api(hello)(requestFrom(app, "POST"))).status).toBe(200);
    const refused = await api(hello)(requestFrom(foreign, "POST"));
    expect(refused.status).toBe(403);
    expect(await codeOf(refused)).toBe("cross_origin_refused");
  });
});
