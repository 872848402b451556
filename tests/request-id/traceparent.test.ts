import { expect, test } from "vitest";
import { policy } from "../../src/index.ts";
import { get } from "../lib/harness.ts";

const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const span = "00f067aa0ba902b7";

async function traceIdOf(traceparent: string | undefined): Promise<string | undefined> {
  let traceId: string | undefined;
  const response = await policy()((_request, context) => {
    traceId = context.traceId;
    return new Response(null, { status: 204 });
  })(get("/", traceparent === undefined ? {} : { traceparent }));
  expect([...response.headers.values()].join()).not.toContain(trace); // never echoed
  return traceId;
}

test.each([
  `00-${trace}-${span}-01`,
  `00-${trace}-${span}-00`,
  `00-${trace}-${span}-ff`,
  `01-${trace}-${span}-01`,
  `cc-${trace}-${span}-01-what-the-future-adds`,
])("%s has a trace id", async (value) => {
  expect(await traceIdOf(value)).toBe(trace);
});

test.each([
  undefined,
  "",
  "00",
  `ff-${trace}-${span}-01`,
  `00-${trace}-${span}-01-more`,
  `00-${trace}-${span}-01-`,
  `00-${"0".repeat(32)}-${span}-01`,
  `00-${trace}-${"0".repeat(16)}-01`,
  `00-${trace.toUpperCase()}-${span}-01`,
  `00-${trace}-${span}-0`,
  `00-${trace}-${span}-011`,
  `00-${trace}-${span}`,
  `00-${trace.slice(1)}-${span}-01`,
  `0-${trace}-${span}-01`,
  `0g-${trace}-${span}-01`,
  `cc-${trace}-${span}-01.more`,
  `00-${trace}-${span}-01, 00-${trace}-${span}-01`,
])("%s has none", async (value) => {
  expect(await traceIdOf(value)).toBeUndefined();
});
