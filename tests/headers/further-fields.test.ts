import { describe, expect, test } from "vitest";
import { type PermissionsPolicyOptions, policy } from "../../src/index.ts";
import { expectMistake, get, ok } from "../lib/harness.ts";

describe("permissionsPolicy", () => {
  const values: readonly (readonly [PermissionsPolicyOptions, string])[] = [
    [{ camera: false }, "camera=()"],
    [{ camera: [] }, "camera=()"],
    [{ camera: true }, "camera=*"],
    [{ syncXhr: false, webShare: ["self"] }, "sync-xhr=(), web-share=(self)"],
    [{ geolocation: ["self", "https://a.example.com"] }, 'geolocation=(self "https://a.example.com")'],
  ];

  test.each(values)("%j gives %s", async (permissionsPolicy, text) => {
    const { headers } = await policy({ headers: { permissionsPolicy } })(ok)(get());
    expect(headers.get("permissions-policy")).toBe(text);
  });

  test("sends no empty field where no feature is named", async () => {
    const { headers } = await policy({ headers: { permissionsPolicy: {} } })(ok)(get());
    expect(headers.get("permissions-policy")).toBeNull();
  });

  test.each([["'self'"], ["https://a b"], ["example.com"], ['https://a"'], [1]])("refuses the origin %j", (entry) => {
    expectMistake(
      { headers: { permissionsPolicy: { camera: [entry] } } },
      "headers.permissionsPolicy.camera",
      /neither "self" nor an origin/,
    );
  });

  test.each(["()", 1, null])("refuses camera: %j", (camera) => {
    expectMistake({ headers: { permissionsPolicy: { camera } } }, "headers.permissionsPolicy.camera", /true, false/);
  });

  test("refuses a feature in the spelling of the field", () => {
    expectMistake(
      { headers: { permissionsPolicy: { "sync-xhr": false } } },
      "headers.permissionsPolicy.sync-xhr",
      /unknown option/,
    );
  });
});

describe("reportingEndpoints", () => {
  test("sends each name with its URL as a structured string", async () => {
    const reportingEndpoints = { csp: "https://r.example.com/csp", default: "https://r.example.com/d?x=1" };
    const { headers } = await policy({ headers: { reportingEndpoints } })(ok)(get());
    expect(headers.get("reporting-endpoints")).toBe(
      'csp="https://r.example.com/csp", default="https://r.example.com/d?x=1"',
    );
  });

  test.each(["http://r.example.com/", "/relative", 'https://r.example.com/"', "https://r.example.com/a b", 1])(
    "refuses the URL %j",
    (url) => {
      expectMistake({ headers: { reportingEndpoints: { a: url } } }, "headers.reportingEndpoints", /not an https URL/);
    },
  );

  test.each(["A", "a b", "", "1a"])("refuses the name %j", (name) => {
    expectMistake(
      { headers: { reportingEndpoints: { [name]: "https://r.example.com/" } } },
      "headers.reportingEndpoints",
      /not a name/,
    );
  });
});

describe("timingAllowOrigin", () => {
  const origin = "https://app.example.com";

  test("follows the list of CORS", async () => {
    const fetch = policy({ cors: { origins: [origin] }, headers: { timingAllowOrigin: true } })(ok);
    expect((await fetch(get("/", { origin }))).headers.get("timing-allow-origin")).toBe(origin);
    expect((await fetch(get("/", { origin: "https://evil.example" }))).headers.get("timing-allow-origin")).toBeNull();
    expect((await fetch(get())).headers.get("timing-allow-origin")).toBeNull();
  });

  test("is * where CORS allows every origin", async () => {
    const fetch = policy({ cors: { origins: "*" }, headers: { timingAllowOrigin: true } })(ok);
    expect((await fetch(get())).headers.get("timing-allow-origin")).toBe("*");
  });

  test("is not sent unless it is asked for", async () => {
    const fetch = policy({ cors: { origins: "*" }, headers: { timingAllowOrigin: false } })(ok);
    expect((await fetch(get())).headers.get("timing-allow-origin")).toBeNull();
  });

  test("is refused without cors, whose list it follows", () => {
    expectMistake({ headers: { timingAllowOrigin: true } }, "headers.timingAllowOrigin", /cors.origins/);
    expectMistake({ headers: { timingAllowOrigin: "*" } }, "headers.timingAllowOrigin", /true or false/);
  });
});

describe("Cross-Origin-Resource-Policy", () => {
  const corp = async (api: ReturnType<typeof policy>): Promise<string | null> =>
    (await api(ok)(get())).headers.get("cross-origin-resource-policy");

  test("is cross-origin where CORS allows every origin", async () => {
    expect(await corp(policy({ cors: { origins: "*" } }))).toBe("cross-origin");
  });

  test("stays same-origin with a list, unless it is chosen", async () => {
    expect(await corp(policy({ cors: { origins: ["https://app.example.com"] } }))).toBe("same-origin");
    const chosen = { crossOriginResourcePolicy: "same-site" } as const;
    expect(await corp(policy({ cors: { origins: "*" }, headers: chosen }))).toBe("same-site");
  });
});
