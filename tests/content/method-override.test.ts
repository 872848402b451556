import { describe, expect, test } from "vitest";
import { z } from "zod";
import { policy } from "../../src/index.ts";
import { expectProblem, ok, silent } from "../lib/harness.ts";
import { counting, send, sendJson } from "./support.ts";

describe.each(["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])("%s", (field) => {
  test.each(["DELETE", "delete", "post", "POST, POST", "POST, DELETE", "TRACE", ""])(
    "of %j on a POST is refused",
    async (value) => {
      const { fetch, calls } = counting({ content: {} });
      await expectProblem(await fetch(send({ headers: { [field]: value } })), 400, "method_override_refused");
      expect(calls()).toBe(0);
    },
  );

  test.each(["GET", "HEAD", "PUT", "DELETE"])("of POST on a %s is refused", async (method) => {
    const { fetch, calls } = counting({ content: {} });
    const response = await fetch(send({ method, headers: { [field]: "POST" } }));
    expect(response.status).toBe(400);
    if (method !== "HEAD") await expectProblem(response, 400, "method_override_refused");
    expect(calls()).toBe(0);
  });

  test("that says the same as the method passes", async () => {
    for (const method of ["GET", "POST", "DELETE"]) {
      const { fetch } = counting({ content: {} });
      expect((await fetch(send({ method, headers: { [field]: method } }))).status).toBe(200);
    }
  });
});

test("a method-override field is refused where a handler has a body schema", async () => {
  const fetch = policy({ onEvent: silent })({ body: z.object({}) }, ok);
  const request = sendJson({}, { headers: { "x-http-method-override": "DELETE" } });
  await expectProblem(await fetch(request), 400, "method_override_refused");
});
