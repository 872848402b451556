import { policy } from "mantlet";
import { route } from "mantlet/next";

export const dynamic = "force-static";

/** Next.js would make the one answer for everybody while it builds. */
export const { GET } = route("/kept", policy(), (handle) => ({
  GET: handle(() => Response.json({ secret: true })),
}));
