import { afterAll, beforeAll, describe } from "vitest";
import type { Send } from "./client.ts";
import { answers } from "./suite/answers.ts";
import { bodies, bodiesOfGet } from "./suite/bodies.ts";
import { concurrency } from "./suite/concurrency.ts";
import { connections } from "./suite/connections.ts";
import { content } from "./suite/content.ts";
import { crossOrigin } from "./suite/cross-origin.ts";
import { foreignResponses } from "./suite/foreign-responses.ts";
import { limits } from "./suite/limits.ts";
import { requestTargets } from "./suite/request-targets.ts";
import { uploads } from "./suite/uploads.ts";
import { webSockets } from "./suite/web-sockets.ts";
import { startUpstream, type Upstream } from "./upstream.ts";

/** The application of `app.ts`, running somewhere. */
export interface Running {
  readonly send: Send;
  readonly stop: () => Promise<void>;
  /** Where it listens; `undefined` without a socket. */
  readonly url: string | undefined;
}

/** What the tests of the suite get: everything in it is there from the first test on. */
export interface Subject {
  readonly send: Send;
  readonly url: () => string;
  readonly upstream: () => Upstream;
  /** What the platform adds to its requests. */
  readonly ownFields: Readonly<Record<string, unknown>>;
}

export interface Runtime {
  readonly start: () => Promise<Running>;
  /** `"none"` where the runtime cannot answer with 101 from a fetch handler. */
  readonly webSockets: "supported" | "none";
  /** `"closed"` where the runtime itself closes connections with unread bodies; `"none"` without a socket. */
  readonly connections: "kept" | "closed" | "none";
  /** What the platform adds to its requests, as `/content/own-fields` tells it. */
  readonly ownFields?: Readonly<Record<string, unknown>>;
}

/** What must hold of one application on every runtime. */
export function conformance(name: string, runtime: Runtime): void {
  describe(name, () => {
    let running: Running | undefined;
    let upstream: Upstream | undefined;
    beforeAll(async () => {
      upstream = await startUpstream();
      running = await runtime.start();
    });
    afterAll(async () => {
      await running?.stop();
      await upstream?.close();
    });
    const started = <T>(value: T | undefined): T => {
      if (value === undefined) throw new Error(`${name} has not started`);
      return value;
    };
    const subject: Subject = {
      send: (path, sent) => started(running).send(path, sent),
      url: () => started(running?.url),
      upstream: () => started(upstream),
      ownFields: runtime.ownFields ?? {},
    };
    answers(subject);
    foreignResponses(subject);
    crossOrigin(subject);
    content(subject);
    bodies(subject);
    uploads(subject);
    limits(subject);
    concurrency(subject);
    if (runtime.connections !== "none") {
      bodiesOfGet(subject);
      requestTargets(subject);
    }
    if (runtime.connections === "kept") connections(subject);
    if (runtime.webSockets === "supported") webSockets(subject);
  });
}
