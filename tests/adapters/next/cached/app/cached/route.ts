import { policy } from "mantlet";
import { route } from "mantlet/next";
import { notFound } from "next/navigation";

/** Its answers are cached, and its errors lose their text on the way here. */
async function cached(what: string): Promise<{ readonly at: number }> {
  "use cache";
  if (what === "error") throw new Error("password=hunter2");
  if (what === "not-found") notFound();
  return { at: performance.now() };
}

export const { GET } = route("/cached", policy(), (handle) => ({
  GET: handle(async (request) => Response.json(await cached(request.nextUrl.searchParams.get("what") ?? ""))),
}));
