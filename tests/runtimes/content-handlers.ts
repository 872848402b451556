import type { FetchHandler, StandardSchema } from "../../src/index.ts";
import { api } from "./api.ts";

/** The limit of the handlers that check content. */
export const maxBodyBytes = 1024;

const strict = api.with({ content: { maxBodyBytes, accepts: ["application/json", "application/*+json"] } });

interface Note {
  readonly title: string;
}

const note: StandardSchema<Note> = {
  "~standard": {
    version: 1,
    vendor: "tests",
    validate: (value) => {
      const { title, tags }: Partial<Record<string, unknown>> = Object(value);
      const issues = [
        ...(typeof title === "string" ? [] : [{ message: "Expected a string", path: ["title"] }]),
        ...(tags === undefined || Array.isArray(tags)
          ? []
          : [{ message: "Expected a list", path: ["a/b", { key: 0 }] }]),
      ];
      return typeof title === "string" && issues.length === 0 ? { value: { title: title.trim() } } : { issues };
    },
  },
};

function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Reads one chunk, asks the upstream, and reads the others: they may come when the upstream was asked. */
async function readInTwo(request: Request): Promise<Response> {
  let [length, chunks] = [0, 0];
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength;
    chunks++;
    if (chunks === 1) await fetch(new URL(request.url).searchParams.get("upstream") ?? "");
  }
  return Response.json({ length, isStreamed: chunks > 1 });
}

interface PlatformRequest extends Request {
  readonly ip?: unknown;
  readonly params?: unknown;
  readonly cookies?: { readonly get: (name: string) => unknown };
  readonly cf?: { readonly colo?: unknown };
}

/** What platforms add to requests: srvx, Bun and workerd in turn. What is not there does not show in JSON. */
async function ownFields(request: PlatformRequest): Promise<Response> {
  const { ip, params, cookies, cf } = request;
  const added = { ip, params, cookie: cookies?.get("session"), colo: cf?.colo };
  const { method, url, headers, signal } = request;
  return Response.json({
    added,
    method,
    path: new URL(url).pathname,
    field: headers.get("x-field"),
    isRequest: request instanceof Request,
    isAborted: signal.aborted,
    text: await request.text(),
  });
}

/** Clones the request before, and after, somebody has looked at its body; gives what each one reads. */
async function cloned(request: Request): Promise<Response> {
  const first = request.clone();
  const hasBody = request.body !== null;
  const second = request.clone();
  const texts = [await second.text(), await first.text(), new TextDecoder().decode(await request.arrayBuffer())];
  return Response.json({ hasBody, texts });
}

/** Handlers that ask for something of the content, by path. */
export const contentHandlers: ReadonlyMap<string, FetchHandler> = new Map(
  Object.entries<FetchHandler>({
    "/content/echo": strict(async (request) => Response.json({ method: request.method, text: await request.text() })),
    "/content/swallows": strict(async (request) => Response.json({ text: await request.text().catch(() => "") })),
    "/content/ignores": strict(() => Response.json({ ignored: true })),
    "/content/note": strict({ body: note }, (_, { body }) => Response.json(body, { status: 201 })),
    "/content/raw": api({ rawBody: true }, async (request, { rawBody }) =>
      Response.json({ rawBody: hexOf(rawBody), body: hexOf(new Uint8Array(await request.arrayBuffer())) }),
    ),
    "/content/in-two": api(readInTwo),
    "/content/cloned": strict(cloned),
    "/content/own-fields": api(ownFields),
  }),
);
