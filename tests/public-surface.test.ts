import { expect, test } from "vitest";

test("the root entry exports exactly these values", async () => {
  expect(Object.keys(await import("../src/index.ts")).sort()).toMatchInlineSnapshot(`
    [
      "ConfigError",
      "anyOf",
      "apiKey",
      "apiKeyPattern",
      "generateApiKey",
      "hashApiKey",
      "memoryStore",
      "nativePlatform",
      "optional",
      "optionsHandler",
      "policy",
      "problem",
      "secure",
      "withBody",
    ]
  `);
});
