import { describe, expect, test } from "vitest";
import { policy } from "../../src/index.ts";
import { app, codeOf, foreign, hello, mistakesIn, recorder, requestFrom, url } from "./support.ts";

const none = policy();
const listed = policy({ cors: { origins: [app] } });
const open = policy({ cors: { origins: "*" } });
const crossSite = { "sec-fetch-site": "cross-site" };

async function expectRefused(answer: Promise<Response>): Promise<void> {
  const response = await answer;
  expect(response.status).toBe(403);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(await codeOf(response)).toBe("cross_origin_refused");
}

async function expectPassed(answer: Promise<Response>): Promise<void> {
  expect((await answer).status).toBe(200);
}

describe("cross-origin protection without configuration", () => {
  test("refuses a POST from a foreign origin's page", () =>
    expectRefused(none(hello)(requestFrom(foreign, "POST", crossSite))));
  test("refuses it also where the browser sends no Sec-Fetch-Site", () =>
    expectRefused(none(hello)(requestFrom(foreign, "POST"))));
  test("refuses a sibling host's page", () =>
    expectRefused(none(hello)(requestFrom(app, "POST", { "sec-fetch-site": "same-site" }))));
  test("refuses a sandboxed page", () => expectRefused(none(hello)(requestFrom("null", "POST"))));
  test("lets the API's own pages write, also without a referrer policy that shows their origin", () =>
    expectPassed(none(hello)(requestFrom("null", "POST", { "sec-fetch-site": "same-origin" }))));
  test("lets clients write that are no browsers", () => expectPassed(none(hello)(requestFrom(null, "POST"))));
  test("lets any page read as far as CORS lets it", () =>
    expectPassed(none(hello)(requestFrom(foreign, "GET", crossSite))));

  test.each(["application/json", "text/plain", "TEXT/plain", "multipart/form-data", ""])(
    "never decides by the content type: %s",
    async (type) => {
      const fields = { ...crossSite, "content-type": type };
      await expectRefused(none(hello)(requestFrom(foreign, "POST", fields)));
      await expectPassed(none(hello)(requestFrom(null, "POST", { "content-type": type })));
    },
  );

  test("emits one event and runs neither authentication nor handler", async () => {
    const { events, onEvent } = recorder();
    await expectRefused(none.with({ onEvent })(() => Response.error())(requestFrom(foreign, "POST")));
    expect(events).toMatchObject([
      { type: "refused", code: "cross_origin_refused", status: 403, method: "POST", path: "/notes" },
    ]);
  });

  test("can be switched off", () =>
    expectPassed(policy({ crossOrigin: "off" })(hello)(requestFrom(foreign, "POST", crossSite))));
});

describe("a WebSocket handshake", () => {
  const handshake = { connection: "Upgrade", upgrade: "websocket" };
  test("from a foreign origin's page is refused although it is a GET", async () => {
    await expectRefused(none(hello)(requestFrom(foreign, "GET", handshake)));
    await expectRefused(none(hello)(requestFrom(foreign, "GET", { upgrade: "WebSocket", ...crossSite })));
  });
  test("from the list, from the own origin and from no browser passes", async () => {
    await expectPassed(listed(hello)(requestFrom(app, "GET", handshake)));
    await expectPassed(none(hello)(requestFrom("https://api.example.com", "GET", handshake)));
    await expectPassed(none(hello)(requestFrom(null, "GET", handshake)));
  });
  test("with cookies is refused where every origin may read", async () => {
    await expectRefused(open(hello)(requestFrom(foreign, "GET", { ...handshake, cookie: "a=b" })));
    await expectPassed(open(hello)(requestFrom(foreign, "GET", handshake)));
  });
  test("for another protocol is none", () =>
    expectPassed(none(hello)(requestFrom(foreign, "GET", { upgrade: "h2c" }))));
});

describe("the own origin", () => {
  const post = (origin: string, host: string, address = "http://localhost:3000/") =>
    none(hello)(new Request(address, { method: "POST", headers: { origin, host } }));

  test("is that of the Host field, since the URL may say localhost", async () => {
    await expectPassed(post("https://api.example.com", "api.example.com"));
    await expectRefused(post("http://localhost:3000", "api.example.com"));
  });
  test("is https where the request is known to be https", async () => {
    await expectRefused(post("http://api.example.com", "api.example.com", "https://api.example.com/"));
    await expectPassed(post("https://api.example.com", "api.example.com", "https://api.example.com/"));
  });
  test("includes the port, default ports aside", async () => {
    await expectPassed(post("https://api.example.com:8443", "api.example.com:8443"));
    await expectPassed(post("https://api.example.com", "api.example.com:443"));
    await expectPassed(post("http://api.example.com", "API.example.com:80"));
    await expectRefused(post("https://api.example.com:8443", "api.example.com"));
    await expectRefused(post("https://api.example.com", "api.example.com:8443"));
  });
  test("is no other one that resembles it", async () => {
    for (const origin of [
      "https://api.example.com.evil.example",
      "https://evilapi.example.com",
      "https://api.example.com/",
      "api.example.com",
      "null",
    ])
      await expectRefused(post(origin, "api.example.com"));
    await expectRefused(post("https://", ""));
  });
});

describe("origins of its own", () => {
  const own = policy({ cors: { origins: [app] }, crossOrigin: { origins: ["https://admin.example.com"] } });
  test("take the place of the CORS list for writes", async () => {
    await expectPassed(own(hello)(requestFrom("https://admin.example.com", "POST", crossSite)));
    await expectRefused(own(hello)(requestFrom(app, "POST", crossSite)));
  });
  test("may be a function, which fails closed", async () => {
    const asking = (origins: (origin: string) => Promise<boolean>) => policy({ crossOrigin: { origins } })(hello);
    await expectPassed(asking(async (origin) => origin === app)(requestFrom(app, "POST", crossSite)));
    await expectRefused(asking(() => Promise.reject(new Error("boom")))(requestFrom(app, "POST", crossSite)));
  });
  test("cannot be a star", () => {
    expect(mistakesIn({ crossOrigin: { origins: "*" } })).toEqual([
      { path: "crossOrigin.origins", message: expect.stringContaining('crossOrigin: "off"') },
    ]);
  });
  test("are checked like those of CORS, and no fix names an option that does not exist here", () => {
    const mistakes = mistakesIn({ crossOrigin: { origins: ["http://a.example.com", "https://*.com", `${app}/`] } });
    expect(mistakes.map(({ path }) => path)).toEqual([0, 1, 2].map((index) => `crossOrigin.origins[${index}]`));
    for (const { message } of mistakes) {
      const option = /dangerously\w+/.exec(message)?.[0];
      const asked = option === undefined ? {} : { [option]: true };
      expect(mistakesIn({ crossOrigin: { origins: [app], ...asked } })).toEqual([]);
    }
  });
});

describe("options", () => {
  test("strict refuses also what no browser sends", async () => {
    const strict = policy({ crossOrigin: { strict: true } })(hello);
    await expectRefused(strict(requestFrom(null, "POST")));
    await expectPassed(strict(requestFrom(null, "POST", { "sec-fetch-site": "same-origin" })));
    await expectPassed(strict(requestFrom("https://api.example.com", "POST")));
    await expectPassed(strict(requestFrom(null, "GET")));
  });

  test('mode "report" emits the event and lets pass', async () => {
    const { events, onEvent } = recorder();
    const reporting = policy({ crossOrigin: { mode: "report" }, onEvent })(hello);
    await expectPassed(reporting(requestFrom(foreign, "POST", crossSite)));
    expect(events).toMatchObject([{ type: "refused", code: "cross_origin_refused", status: 403, reported: true }]);
    await expectPassed(reporting(requestFrom(null, "POST")));
    expect(events).toHaveLength(1);
  });

  test("a route may be exempt by its exact path, never by a prefix", async () => {
    const api = policy({ routes: { "/webhooks/stripe": { crossOrigin: "off" } } })(hello);
    const post = (path: string) =>
      api(new Request(new URL(path, url), { method: "POST", headers: { origin: foreign } }));
    await expectPassed(post("/webhooks/stripe"));
    await expectPassed(post("/webhooks/stripe?a=b"));
    for (const path of ["/webhooks/stripe/x", "/webhooks/stripes", "/webhooks", "/WEBHOOKS/stripe"])
      await expectRefused(post(path));
    expect((await post("/webhooks//stripe")).status).toBe(400);
    expect(mistakesIn({ routes: { "/webhooks/*": { crossOrigin: "off" } } })).toEqual([
      { path: 'routes["/webhooks/*"].crossOrigin', message: expect.stringContaining("exact paths only") },
    ]);
  });

  test.each<[unknown, string]>([
    ["on", "crossOrigin"],
    [false, "crossOrigin"],
    [{ strict: "yes" }, "crossOrigin.strict"],
    [{ mode: "log" }, "crossOrigin.mode"],
    [{ exempt: ["/"] }, "crossOrigin.exempt"],
    [undefined, "crossOrigin"],
  ])("%j is a mistake", (crossOrigin, path) => {
    expect(mistakesIn({ crossOrigin }).map((mistake) => mistake.path)).toEqual([path]);
  });
});
