import { describe, expect, test } from "vitest";
import { type CorsOptions, policy } from "../../src/index.ts";
import { conclude, membersOf } from "./browser.ts";
import { mistakesIn } from "./support.ts";
import { type CorsCase, corsOf, type FieldExpectation, readCorsCases, skipped, vectorsDir } from "./vector-files.ts";

/** Where we decide otherwise, and why. An exception that no longer differs fails. */
const exceptions: readonly { readonly ids: RegExp; readonly reason: string }[] = [
  {
    ids: /^jub0bs\/credentialed-all-req-headers\//,
    reason: "a star in allowHeaders is a literal beside credentials, so it is a mistake in the configuration",
  },
  {
    ids: /^jub0bs\/(?:credentialed|credentialed-allow-some)\/actual-(?:GET|OPTIONS)-from-allowed$/,
    reason: "a list of exposed fields adds to those that the policy itself sends",
  },
  {
    ids: /^jub0bs\/credentialed\/preflight-with-PURGE-and-Authorization-with-too-many-empty-/,
    reason: "64 elements are tolerated in a list of requested fields, empty ones included",
  },
  {
    ids: /^jub0bs\/outer-Vary-middleware\/fake-preflight-with-CORS-safelisted-method-from-allowed$/,
    reason: "GET, HEAD and POST pass in preflights, as in browsers",
  },
];

function exceptionFor(id: string): string | undefined {
  return exceptions.find(({ ids }) => ids.test(id))?.reason;
}

function meets(actual: string | null, expected: FieldExpectation): boolean {
  if (expected === null || typeof expected === "string") return actual === expected;
  if ("not" in expected) return actual !== expected.not;
  const members = membersOf(actual).map((member) => member.toLowerCase());
  if ("includes" in expected) return expected.includes.every((member) => members.includes(member));
  return [...members].sort().join() === [...expected.list].sort().join();
}

/** How our answer differs from what a case expects. */
async function differences({
  policy: given,
  request: asked,
  downstream,
  expect: expected,
}: CorsCase): Promise<readonly string[]> {
  const cors = corsOf(given);
  const [mistake] = mistakesIn({ cors });
  if (mistake !== undefined) return [`refused: ${mistake.path} ${mistake.message}`];
  let isHandlerCalled = false;
  const api = policy({ cors: cors as CorsOptions, onEvent: () => {} }); // just accepted as such
  const request = new Request("https://api.example.com/", asked);
  const response = await api(() => {
    isHandlerCalled = true;
    return new Response(downstream.body, downstream);
  })(request);
  const found = Object.entries(expected.headers)
    .filter(([name, value]) => !meets(response.headers.get(name), value))
    .map(([name]) => `${name}: ${response.headers.get(name)}`);
  const verdict = conclude(request, response, given.credentials ?? false);
  if (expected.verdict !== undefined && verdict !== expected.verdict) found.push(`verdict: ${verdict}`);
  if (expected.handlerCalled !== undefined && isHandlerCalled !== expected.handlerCalled)
    found.push(`handler called: ${isHandlerCalled}`);
  return found;
}

const cases = readCorsCases();

describe.skipIf(vectorsDir === undefined)(`public CORS cases${vectorsDir === undefined ? ` (${skipped})` : ""}`, () => {
  test("are all there", () => {
    expect(cases).toHaveLength(153);
  });

  for (const each of cases) {
    const reason = exceptionFor(each.id);
    test(reason === undefined ? each.id : `${each.id} differs: ${reason}`, async () => {
      const found = await differences(each);
      if (reason === undefined) expect(found).toEqual([]);
      else expect(found).not.toEqual([]);
    });
  }

  test("include every one that is named as an exception", () => {
    for (const { ids } of exceptions) expect(cases.filter(({ id }) => ids.test(id))).not.toEqual([]);
  });
});
