import type { StandardSchema } from "../../src/index.ts";
import type { Asked } from "./subsets.ts";

/** A request that is refused for its method or its content. */
export interface RefusedContent {
  readonly name: string;
  readonly status: number;
  readonly code: string;
  /** False where it ends before the limits. */
  readonly counted: boolean;
  readonly asked: Asked;
  readonly init: RequestInit;
  /** The fields that belong to the status. */
  readonly fields?: Readonly<Record<string, string>>;
}

const nothing: StandardSchema = {
  "~standard": { version: 1, vendor: "tests", validate: () => ({ issues: [{ message: "never", path: ["a"] }] }) },
};
const ownPage = { "Sec-Fetch-Site": "same-origin" };
const json = { ...ownPage, "Content-Type": "application/json" };
export const refusedContent: readonly RefusedContent[] = [
  {
    name: "a 405",
    status: 405,
    code: "method_not_allowed",
    counted: false,
    asked: { requirements: { methods: ["GET", "PUT"] } },
    init: { method: "DELETE", headers: ownPage },
    fields: { allow: "GET, PUT, HEAD" },
  },
  {
    name: "a 413 by the declared length",
    status: 413,
    code: "content_too_large",
    counted: false,
    asked: { content: { maxBodyBytes: 4 } },
    init: { method: "POST", headers: { ...json, "Content-Length": "5" }, body: "12345" },
  },
  {
    name: "a 413 by what came, in place of the handler's answer",
    status: 413,
    code: "content_too_large",
    counted: true,
    asked: { content: { maxBodyBytes: 4 } },
    init: { method: "POST", headers: json, body: "12345" },
  },
  {
    name: "a 415",
    status: 415,
    code: "unsupported_media_type",
    counted: false,
    asked: { content: {} },
    init: { method: "PATCH", headers: { ...ownPage, "Content-Type": "text/plain", "Content-Length": "2" }, body: "{}" },
    fields: { accept: "application/json", "accept-patch": "application/json" },
  },
  {
    name: "a 415 of a body that no field declared",
    status: 415,
    code: "unsupported_media_type",
    counted: true,
    asked: { content: {} },
    init: { method: "POST", headers: { ...ownPage, "Content-Type": "text/plain" }, body: "{}" },
    fields: { accept: "application/json", "accept-post": "application/json" },
  },
  {
    name: "a 406",
    status: 406,
    code: "not_acceptable",
    counted: false,
    asked: { content: {} },
    init: { headers: { Accept: "text/html" } },
  },
  {
    name: "a 400 of JSON that is none",
    status: 400,
    code: "malformed_json",
    counted: true,
    asked: { requirements: { body: nothing } },
    init: { method: "POST", headers: json, body: "{" },
  },
  {
    name: "a 422",
    status: 422,
    code: "invalid_body",
    counted: true,
    asked: { requirements: { body: nothing } },
    init: { method: "POST", headers: json, body: "{}" },
  },
];
