import { expect, test } from "vitest";
import { optional, policy } from "../src/index.ts";
import { tokens } from "./lib/harness.ts";

const secret = "canary-5e1d";

const api = policy({
  headers: { frameOptions: false, extra: { "X-Api-Version": "7" } },
  requestId: { header: "X-Trace", inbound: (id) => id !== secret },
  cors: { origins: ["https://app.example.com"], credentials: true },
  crossOrigin: { strict: true },
  rateLimit: [
    { name: "ip", limit: 300, windowSeconds: 60 },
    { name: "user", limit: 60, windowSeconds: 60, burst: 5, by: "identity" },
    { name: "path", limit: 1, windowSeconds: 1, by: ({ path }) => path },
  ],
  auth: Object.assign({ ...tokens }, { secret }),
  checks: [{ name: "tenant", check: () => ({ tenant: secret }) }],
  requireHttps: true,
  routes: { "/health": { auth: "none", rateLimit: "none" }, "/admin/*": { methods: ["GET"] } },
});

test("describe() shows what a policy holds, as plain data", () => {
  const described = api.describe();
  expect(described).toMatchObject({
    headers: {
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "strict-transport-security": "max-age=63072000",
      "cache-control": "no-store",
      "x-api-version": "7",
    },
    requestId: { header: "X-Trace", inbound: "accept" },
    cors: { origins: ["https://app.example.com"], credentials: true },
    rateLimit: [
      { name: "ip", limit: 300, windowSeconds: 60, burst: 300, by: "ip" },
      { name: "user", limit: 60, windowSeconds: 60, burst: 5, by: "identity" },
      { name: "path", limit: 1, windowSeconds: 1, burst: 1, by: "function" },
    ],
    store: "memory",
    auth: "tokens",
    authFailures: { limit: 20, windowSeconds: 60 },
    checks: ["tenant"],
    requireHttps: true,
    routes: { "/health": { auth: "none", rateLimit: "none" }, "/admin/*": { methods: ["GET"] } },
  });
  expect(described.headers).not.toHaveProperty("x-frame-options");
  expect(JSON.stringify(described)).not.toContain(secret);
});

test("describe() survives JSON", () => {
  expect(JSON.parse(JSON.stringify(api.describe()))).toEqual(api.describe());
});

test("describe() of the default policy says what is off", () => {
  expect(policy().describe()).toMatchObject({
    requestId: { header: "X-Request-ID", inbound: "ignore" },
    cors: "none",
    rateLimit: [],
    auth: undefined,
    authFailures: "off",
    checks: [],
    requireHttps: false,
    routes: {},
  });
  const off = policy({ headers: false, requestId: false, crossOrigin: "off" }).describe();
  expect(off).toMatchObject({ headers: false, requestId: { header: false }, crossOrigin: "off" });
});

const minute = { limit: 10, windowSeconds: 60 };

/** Every weakening must show in a snapshot. */
const limited = policy({ rateLimit: minute });
const authenticated = policy({ auth: tokens });
type Described = Pick<ReturnType<typeof policy>, "describe">;
const weaker: readonly (readonly [name: string, weakened: Described, plain?: Described])[] = [
  ["a limit in report mode", policy({ rateLimit: { ...minute, mode: "report" } }), limited],
  ["a limit that opens in an outage", policy({ rateLimit: { ...minute, onUnavailable: "open" } }), limited],
  ["a limit by what a client may choose", policy({ rateLimit: { ...minute, dangerouslyBy: () => "x" } }), limited],
  ["a limit that costs nothing", policy({ rateLimit: { ...minute, cost: 0 } }), limited],
  ["a cost of the user's", policy({ rateLimit: { ...minute, cost: () => 0 } }), limited],
  ["a larger share in an outage", limited, policy({ rateLimit: { ...minute, localShare: 0.5 } })],
  ["limits that nobody is told of", policy({ rateLimit: minute, rateLimitFields: [] }), limited],
  ["identities that a store can read", policy(), policy({ keySecret: "0123456789abcdef" })],
  ["handlers that may take their time", policy(), policy({ handlerTimeoutMs: 1000 })],
  ["a looser algorithm", policy({ rateLimit: { ...minute, algorithm: "fixed-window" } }), limited],
  ["bad credentials that nobody counts", policy({ auth: tokens, authFailures: "off" }), authenticated],
  ["authentication that is optional", policy({ auth: optional(tokens) }), authenticated],
  ["a field left out", policy({ headers: { contentTypeOptions: false } })],
  ["no Cache-Control", policy({ headers: { cacheControl: false } })],
  ["no HSTS", policy({ headers: { strictTransportSecurity: false } })],
  [
    "Timing-Allow-Origin",
    policy({ cors: { origins: "*" }, headers: { timingAllowOrigin: true } }),
    policy({ cors: { origins: "*" } }),
  ],
  ["fields that are not removed", policy({ headers: { remove: [] } })],
  ["an inbound id", policy({ requestId: { inbound: "accept" } })],
  ["cross-origin protection in report mode", policy({ crossOrigin: { mode: "report" } })],
  ["cross-origin protection off", policy({ crossOrigin: "off" })],
  ["a route without cross-origin protection", policy({ routes: { "/a": { crossOrigin: "off" } } })],
  ["a shared cache", policy({ routes: { "/a": { cache: "shared" } } })],
];

test.each(weaker.map(([name, ...policies]) => ({ name, policies })))("describe() shows $name", ({ policies }) => {
  const [weakened, plain = policy()] = policies;
  expect(weakened.describe()).not.toEqual(plain.describe());
});

test("describe() gives data of its own: changing it changes no policy", () => {
  const first = api.describe();
  Object.assign(first.routes, { "/evil": {} });
  expect(api.describe().routes).not.toHaveProperty("/evil");
});
