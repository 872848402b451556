import { type ContentOptions, policy } from "../../src/index.ts";

// every option
const all: ContentOptions = {
  accepts: ["application/json", "application/*+json"],
  produces: ["application/json"],
  maxBodyBytes: 65_536,
  acceptEncodings: ["gzip"],
  duplicateKeys: "refuse",
};
policy({ content: all });
policy({ content: {} });
policy({ content: { duplicateKeys: "last" }, handlerTimeoutMs: 10_000 });
policy().with({ content: { maxBodyBytes: 1024 }, handlerTimeoutMs: 10_000 });
policy({ routes: { "/upload": { content: { accepts: ["image/png"], maxBodyBytes: 10_000_000 } } } });
policy().with({ routes: { "/upload": { content: all, methods: ["POST"] } } });
declare const fromEnvironment: readonly string[];
policy({ content: { accepts: fromEnvironment } });

// mistakes
// @ts-expect-error typo
policy({ content: { accept: ["application/json"] } });
// @ts-expect-error typo beside a valid key
policy({ content: { accepts: ["application/json"], maxBodySize: 1 } });
// @ts-expect-error the size says its unit
policy({ content: { maxBody: "1mb" } });
// @ts-expect-error and is a number
policy({ content: { maxBodyBytes: "1mb" } });
// @ts-expect-error media types are a list
policy({ content: { accepts: "application/json" } });
// @ts-expect-error so are those of responses
policy({ content: { produces: "application/json" } });
// @ts-expect-error so are codings
policy({ content: { acceptEncodings: "gzip" } });
// @ts-expect-error a word that is not known
policy({ content: { duplicateKeys: "first" } });
// @ts-expect-error bodies always have a size: there is no switch
policy({ content: false });
// @ts-expect-error nor a profile
policy({ content: "json" });
// @ts-expect-error an option may be absent, not undefined
policy({ content: { accepts: undefined } });
// @ts-expect-error `content` may be absent, not undefined
policy({ content: undefined });
// @ts-expect-error typo inside a route
policy({ routes: { "/upload": { content: { accepts: ["image/png"], maxbodyBytes: 1 } } } });
// @ts-expect-error a route that takes everything says what
policy({ routes: { "/upload": { content: "any" } } });
// @ts-expect-error typo in `with`
policy().with({ content: { encodings: ["gzip"] } });
// @ts-expect-error requirements have schemas; media types are the policy's and its routes'
policy()({ content: { accepts: ["image/png"] } }, () => Response.json({}));
// @ts-expect-error the timeout is a number
policy({ handlerTimeoutMs: "10s" });
// @ts-expect-error the timeout says its unit
policy({ handlerTimeout: 10 });
