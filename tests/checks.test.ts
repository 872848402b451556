import { describe, expect, test } from "vitest";
import { policy, problem } from "../src/index.ts";
import { as, expectMistake, expectProblem, get, ok, recorder, silent, tokens } from "./lib/harness.ts";

test("facts of checks are in the handler's context", async () => {
  const api = policy({
    checks: [
      { name: "tenant", check: () => ({ tenant: "acme" }) },
      { name: "plan", check: async () => ({ plan: "pro", seats: 3 }) },
    ],
  });
  const response = await api((_request, { tenant, plan, seats }) => Response.json({ tenant, plan, seats }))(get());
  expect(await response.json()).toEqual({ tenant: "acme", plan: "pro", seats: 3 });
});

test("a check that gives nothing adds nothing", async () => {
  const api = policy({ checks: [{ name: "look", check: () => undefined }] });
  const response = await api((_request, context) => Response.json(Object.keys(context)))(get());
  expect(await response.json()).toEqual(["requestId"]);
});

test("a check refuses with a problem, and neither later checks nor the handler run", async () => {
  const { events, onEvent } = recorder();
  const ran: string[] = [];
  const api = policy({
    onEvent,
    checks: [
      { name: "first", check: () => void ran.push("first") },
      { name: "second", check: async () => problem(403, "wrong_tenant", { detail: "Not yours." }) },
      { name: "third", check: () => void ran.push("third") },
    ],
  });
  const response = await api(() => {
    ran.push("handler");
    return ok();
  })(get());
  expect(await expectProblem(response, 403, "wrong_tenant")).toMatchObject({ detail: "Not yours." });
  expect(ran).toEqual(["first"]);
  expect(events).toMatchObject([{ type: "refused", code: "wrong_tenant", status: 403 }]);
});

test("checks of one list do not see each other's facts; those of a later list do", async () => {
  const seen: unknown[] = [];
  const look = (_request: Request, context: object): undefined => {
    seen.push(Object.keys(context).sort());
    return undefined;
  };
  const api = policy({
    checks: [
      { name: "a", check: () => ({ a: 1 }) },
      { name: "sibling", check: look },
    ],
  }).with({ checks: [{ name: "later", check: look }] });
  await api(ok)(get());
  expect(seen).toEqual([["requestId"], ["a", "requestId"]]);
});

test("checks run after authentication and the handler's requirement", async () => {
  const seen: unknown[] = [];
  const api = policy({
    auth: tokens,
    onEvent: silent,
    checks: [{ name: "who", check: (_request, { auth }) => void seen.push(auth.subject) }],
  });
  await expectProblem(await api(ok)(get()), 401, "credentials_required");
  await expectProblem(await api({ check: () => false }, ok)(get("/", as("bob"))), 403, "forbidden");
  expect(seen).toEqual([]);
  expect((await api(ok)(get("/", as("ann")))).status).toBe(200);
  expect(seen).toEqual(["ann"]);
});

describe("a check that is no check is a 500 and an event, never a pass", () => {
  const throwing = (): never => {
    throw new Error("canary");
  };
  test.each<readonly [string, () => unknown]>([
    ["throws", throwing],
    ["rejects", () => Promise.reject(new Error("canary"))],
    ["throws a Response", () => Promise.reject(ok())],
    ["gives false", () => false],
    ["gives true", () => true],
    ["gives null", () => null],
    ["gives a promise of false", async () => false],
    ["gives a promise of null", async () => null],
    ["gives a string", () => "no"],
    ["gives 0", () => 0],
    ["gives a Response", () => new Response(null, { status: 403 })],
  ])("%s", async (_name, check) => {
    const { events, onEvent } = recorder();
    let handled = false;
    const api = policy({ onEvent, checks: [{ name: "odd", check: check as () => undefined }] }); // as in JavaScript
    const response = await api(() => {
      handled = true;
      return ok();
    })(get());
    expect(await response.clone().text()).not.toContain("canary");
    await expectProblem(response, 500, "internal_error");
    expect(handled).toBe(false);
    expect(events).toMatchObject([{ type: "handler_error", code: "internal_error" }]);
  });

  const reserved = "requestId traceId clientIp waitUntil auth body query params rawBody env executionCtx".split(" ");
  test.each(reserved)("gives the reserved fact %s", async (name) => {
    const { events, onEvent } = recorder();
    const api = policy({ onEvent, checks: [{ name: "odd", check: () => ({ [name]: "forged" }) }] });
    await expectProblem(await api(ok)(get()), 500, "internal_error");
    expect(events).toMatchObject([{ error: { message: expect.stringContaining(`"${name}"`) } }]);
  });
});

test.each([
  [[{ name: "a" }], "checks[0]", /a name and a function/],
  [[{ check: ok }], "checks[0]", /a name and a function/],
  [[{ name: "", check: ok }], "checks[0]", /a name and a function/],
  [[ok], "checks[0]", /a name and a function/],
  [[null], "checks[0]", /a name and a function/],
  [[{ name: "auth", check: ok }], "checks[0]", /name of the context/],
  [ok, "checks", /not a list/],
  [{}, "checks", /not a list/],
  [null, "checks", /not a list/],
  [
    [
      { name: "a", check: ok },
      { name: "a", check: ok },
    ],
    "checks[1]",
    /there twice/,
  ],
])("refuses checks: %j", (checks, path, message) => {
  expectMistake({ checks }, path, message);
});

test("refuses checks: undefined, which would switch them off unseen", () => {
  expectMistake({ checks: undefined }, "checks", /undefined is not a list/);
});
