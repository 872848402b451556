import { describe, expect, test } from "vitest";
import { policy, secure } from "../../src/index.ts";
import { silent } from "../lib/harness.ts";
import { send, sending } from "./support.ts";

/** What the handler behind a policy is given. */
async function handed(request: Request, fetch: typeof passing = passing): Promise<Request> {
  const response = await fetch(request);
  expect(response.status).toBe(204);
  const given = received.at(-1);
  if (given === undefined) throw new Error("the handler was not called");
  return given;
}

const received: Request[] = [];
const keep = (request: Request): Response => {
  received.push(request);
  return new Response(null, { status: 204 });
};
const passing = secure(keep);

/** As servers have them: a class of its own that is a `Request` by its prototype only. */
class ServerRequest {
  readonly #inner: Request;
  readonly ip = "192.0.2.1";
  readonly _internal = "internal";

  constructor(inner: Request) {
    this.#inner = inner;
    Object.setPrototypeOf(ServerRequest.prototype, Request.prototype);
  }

  get method(): string {
    return this.#inner.method;
  }
  get url(): string {
    return this.#inner.url;
  }
  get headers(): Headers {
    return this.#inner.headers;
  }
  get signal(): AbortSignal {
    return this.#inner.signal;
  }
  get body(): ReadableStream<Uint8Array> | null {
    return this.#inner.body;
  }
  get bodyUsed(): boolean {
    return this.#inner.bodyUsed;
  }
  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#inner.arrayBuffer();
  }
  clone(): Request {
    return this.#inner.clone();
  }
  get params(): Record<string, string> {
    return { id: "7" };
  }
}

const asServers = (request: Request): Request => new ServerRequest(request) as unknown as Request; // by its prototype

describe.each([
  ["the platform's own Request", (request: Request) => request],
  ["a server's Request", asServers],
])("the handler's request for %s", (_name, made) => {
  const sent = (signal?: AbortSignal): Request =>
    made(
      send({
        method: "PATCH",
        path: "/notes/7?draft=1",
        headers: { "content-type": "text/plain", "x-custom": "yes", "content-length": "4", cookie: "a=b" },
        body: sending("te", "xt").stream,
        ...(signal && { signal }),
      }),
    );

  test("has the method, URL and fields of the one that came, and its body", async () => {
    const request = await handed(sent());
    expect(request).toBeInstanceOf(Request);
    expect(request.method).toBe("PATCH");
    expect(request.url).toBe("https://api.example.com/notes/7?draft=1");
    expect(Object.fromEntries(request.headers)).toEqual({
      "content-type": "text/plain",
      "x-custom": "yes",
      "content-length": "4",
      cookie: "a=b",
    });
    expect(request.bodyUsed).toBe(false);
    expect(await request.text()).toBe("text");
  });

  test("aborts when the one that came does", async () => {
    const controller = new AbortController();
    const request = await handed(sent(controller.signal));
    expect(request.signal.aborted).toBe(false);
    controller.abort(new Error("gone"));
    expect(request.signal.aborted).toBe(true);
    expect(request.signal.reason).toMatchObject({ message: "gone" });
  });

  test("can be cloned", async () => {
    const request = await handed(sent());
    const clone = request.clone();
    expect([await request.text(), await clone.text()]).toEqual(["text", "text"]);
  });

  test("has exact bytes again where the handler asks for raw ones", async () => {
    const fetch = policy({ onEvent: silent })({ rawBody: true }, keep);
    const request = await handed(sent(), fetch);
    expect([request.method, request.headers.get("x-custom")]).toEqual(["PATCH", "yes"]);
    expect(await request.text()).toBe("text");
  });
});

describe("what a platform added to a request is kept", () => {
  test("on a class of its own", async () => {
    const request = await handed(asServers(send({ body: "text" })));
    expect(request).toMatchObject({ ip: "192.0.2.1", params: { id: "7" } });
    expect(request).not.toHaveProperty("_internal");
  });

  test("as properties of an ordinary Request", async () => {
    const added = Object.assign(send({ body: "text" }), { ip: "192.0.2.1", cf: { colo: "FRA" } });
    const request = await handed(added);
    expect(request).toMatchObject({ ip: "192.0.2.1", cf: { colo: "FRA" } });
    expect(await request.text()).toBe("text");
  });

  test("on a subclass of Request", async () => {
    class Annotated extends Request {
      readonly nextUrl = new URL("https://api.example.com/");
      get geo(): string {
        return "DE";
      }
    }
    const request = await handed(new Annotated("https://api.example.com/", { method: "POST", body: "text" }));
    expect(request).toMatchObject({ nextUrl: new URL("https://api.example.com/"), geo: "DE" });
    expect(await request.text()).toBe("text");
  });
});

test("a request without a body is handed over as it is", async () => {
  for (const method of ["GET", "HEAD", "POST", "DELETE"]) {
    const request = send({ method });
    expect(await handed(request)).toBe(request);
  }
});
