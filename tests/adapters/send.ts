import type { SendToApp } from "../../src/testing.ts";
import { type Sent, sendTo } from "../runtimes/client.ts";

/** What the suite for adapters puts into a request. */
interface SuiteInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: NonNullable<Sent["body"]>;
}

/** A socket for each request: one that is used again may be closed by the server at the same moment. */
export function sendToApp(url: () => string): SendToApp {
  return (path, init) => {
    const { method = "GET", headers = {}, body } = init as SuiteInit; // text, bytes and streams, which Node can iterate
    return sendTo(url())(path, { method, headers, ...(body !== undefined && { body }) });
  };
}
