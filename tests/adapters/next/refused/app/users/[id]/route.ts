import { policy } from "mantlet";
import { route } from "mantlet/next";

/** The folder is `[id]`. */
export const { GET, OPTIONS } = route("/users/[userId]", policy(), (handle) => ({
  GET: handle((_request, { params }) => Response.json(params.userId)),
}));
