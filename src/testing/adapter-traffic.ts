import { allowedOrigin } from "./adapter-app.ts";
import { type AdapterLaw, type AdapterUnderTest, assertPolicy, assertProblem, request } from "./adapter-under-test.ts";
import { assert, assertEqual } from "./assert.ts";

const fromApp = { Origin: allowedOrigin };
const maxBodyBytes = 1_048_576;

/** The init of a stream needs `duplex` (Fetch), which TypeScript's DOM types do not know. */
interface BodyInitOf extends RequestInit {
  readonly duplex: "half";
}

/** A body that is sent with its length, and one that is sent in chunks. */
const framings: readonly (readonly [name: string, bodyOf: (bytes: Uint8Array<ArrayBuffer>) => BodyInit])[] = [
  ["of a declared length", (bytes) => bytes],
  ["in chunks", (bytes) => chunksOf(bytes)],
];

function chunksOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  let start = 0;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(bytes.slice(start, start + 65_536));
      start += 65_536;
      if (start >= bytes.byteLength) controller.close();
    },
  });
}

function post(subject: AdapterUnderTest, path: string, body: BodyInit): Promise<Response> {
  const init: BodyInitOf = { method: "POST", body, duplex: "half" };
  return request(subject, path, { ...fromApp, "Content-Type": "application/octet-stream" }, init);
}

/** Bodies of requests, counted. */
export const bodyLaws: readonly AdapterLaw[] = framings.flatMap(([framing, bodyOf]) => [
  {
    name: `hands a body ${framing} to the handler, up to 1 MiB`,
    async run(subject) {
      const response = await post(subject, "/echo", bodyOf(new Uint8Array(maxBodyBytes)));
      assertPolicy(response, 200, allowedOrigin);
      assertEqual(await response.json(), { method: "POST", length: maxBodyBytes }, "what the handler read");
    },
  },
  {
    name: `refuses a body ${framing} of 1 MiB and a byte`,
    async run(subject) {
      const response = await post(subject, "/echo", bodyOf(new Uint8Array(maxBodyBytes + 1)));
      assertPolicy(response, 413, allowedOrigin);
      await assertProblem(response, "content_too_large");
    },
  },
  {
    name: `answers when the handler does not read a body ${framing}`,
    async run(subject) {
      assertPolicy(await post(subject, "/unread", bodyOf(new Uint8Array(1000))), 202, allowedOrigin);
    },
  },
  {
    name: `keeps what the platform put on a request whose body ${framing} is counted`,
    async run(subject) {
      const query = new URLSearchParams(Object.keys(subject.requestFields).map((name) => ["name", name]));
      const response = await post(subject, `/fields?${query}`, bodyOf(new Uint8Array(5)));
      assertPolicy(response, 200, allowedOrigin);
      assertEqual(await response.json(), { fields: subject.requestFields, length: 5 }, "what the handler saw");
    },
  },
]);

/** Streams, and many requests at once. */
export const trafficLaws: readonly AdapterLaw[] = [
  {
    name: "sends server-sent events as they come",
    async run(subject) {
      const response = await request(subject, "/stream", fromApp);
      assertPolicy(response, 200, allowedOrigin);
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      assertEqual((await reader?.read())?.value, "data: first\n\n", "the first chunk");
      assertEqual((await reader?.read())?.value, "data: second\n\n", "the second chunk");
      assertEqual((await reader?.read())?.done, true, "the end");
    },
  },
  {
    name: "keeps concurrent requests of different origins apart",
    async run(subject) {
      const paths = ["/json", "/kept", "/redirect", "/private/me", "/throws"] as const;
      const statuses = [200, 204, 302, 401, 500] as const;
      const ids = await Promise.all(
        Array.from({ length: subject.concurrency }, async (_, index) => {
          const isForeign = index % 3 === 0;
          const origin = `https://t${index}.${isForeign ? "example.net" : "tenants.example.com"}`;
          const response = await request(subject, paths[index % 5] ?? "/json", { Origin: origin });
          assertPolicy(response, statuses[index % 5] ?? 200, isForeign ? undefined : origin);
          await response.body?.cancel();
          return response.headers.get("x-request-id");
        }),
      );
      assertEqual(new Set(ids).size, subject.concurrency, "different ids");
    },
  },
  {
    name: "gives the handler of each concurrent request its own caller and id",
    async run(subject) {
      const tellOne = async (index: number): Promise<void> => {
        const isAlice = index % 2 === 0;
        const response = await request(subject, "/context", isAlice ? { Authorization: "Bearer alice" } : {});
        const { subject: caller, requestId }: Readonly<Record<string, unknown>> = await response.json();
        assertEqual(caller, isAlice ? "alice" : null, "the identity");
        assertEqual(requestId, response.headers.get("x-request-id"), "the id");
      };
      await Promise.all(Array.from({ length: subject.concurrency }, (_, index) => tellOne(index)));
    },
  },
];

/** A WebSocket through the policy: opened, and echoing what it gets. */
export async function testWebSocket(open: (path: string) => WebSocket): Promise<void> {
  const socket = open("/websocket");
  const next = (type: "open" | "message" | "close"): Promise<Event> =>
    new Promise((resolve, reject) => {
      socket.addEventListener(type, resolve, { once: true });
      socket.addEventListener("error", () => reject(new Error("the WebSocket failed")), { once: true });
    });
  await next("open");
  const answered = next("message");
  socket.send("ping");
  const message = await answered;
  assert("data" in message && message.data === "ping", "the message did not come back");
  const closed = next("close");
  socket.close();
  await closed;
}
