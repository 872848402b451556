import { expect, test } from "vitest";
import { type PolicyConfig, policy } from "../../src/index.ts";
import { expectProblem, ok, recorder } from "../lib/harness.ts";

const origin = "https://app.example.com";
const cors = { origins: [origin], methods: ["GET", "PUT"], allowHeaders: ["Content-Type"] };
const asked = { "Access-Control-Request-Method": "PUT" };

test.each<[string, PolicyConfig, Record<string, string>]>([
  ["origin_not_allowed", { cors }, { Origin: "https://evil.example", ...asked }],
  ["method_not_allowed", { cors }, { Origin: origin, "Access-Control-Request-Method": "DELETE" }],
  ["header_not_allowed", { cors }, { Origin: origin, ...asked, "Access-Control-Request-Headers": "x-tenant" }],
  ["no_cors", {}, { Origin: origin, ...asked }],
])("the event of a refused preflight says %s, and its answer does not", async (reason, config, headers) => {
  const { events, onEvent } = recorder();
  const request = new Request("https://api.example.com/", { method: "OPTIONS", headers });
  const response = await policy({ ...config, onEvent })(ok)(request);
  expect(await response.clone().text()).not.toContain(reason);
  await expectProblem(response, 403, "preflight_refused");
  expect(events).toMatchObject([{ type: "refused", code: "preflight_refused", reason }]);
});

test.each<["enforce" | "report", string, Record<string, string>, string]>([
  ["enforce", "origin_not_allowed", { Origin: "https://evil.example" }, "sent by a page of another origin"],
  ["enforce", "no_origin", {}, "does not say which page sent it"],
  ["enforce", "no_origin", { "Sec-Fetch-Site": "cross-site" }, "does not say which page sent it"],
  ["report", "origin_not_allowed", { Origin: "https://evil.example" }, ""],
  ["report", "no_origin", {}, ""],
])("in mode %s the event of a cross-origin refusal says %s", async (mode, reason, headers, detail) => {
  const { events, onEvent } = recorder();
  const request = new Request("https://api.example.com/", { method: "POST", headers });
  const response = await policy({ cors, crossOrigin: { strict: true, mode }, onEvent })(ok)(request);
  if (mode === "report") expect(response.status).toBe(200);
  else expect((await expectProblem(response, 403, "cross_origin_refused")).detail).toContain(detail);
  const reported = mode === "report" && { reported: true };
  expect(events).toMatchObject([{ type: "refused", code: "cross_origin_refused", reason, ...reported }]);
});
