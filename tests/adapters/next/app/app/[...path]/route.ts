import { route } from "mantlet/next";
import { type AdapterContext, adapterHandlers, adapterPolicy } from "mantlet/testing";
import type { NextRequest } from "next/server";

const dispatch = (request: NextRequest, context: AdapterContext): Response | Promise<Response> => {
  const handler = adapterHandlers.get(request.nextUrl.pathname);
  return handler?.(request, context) ?? new Response(null, { status: 404 });
};

/** The app of `testAdapter()`. */
export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route("/[...path]", adapterPolicy(), (handle) => ({
  GET: handle(dispatch),
  POST: handle(dispatch),
  PUT: handle(dispatch),
  PATCH: handle(dispatch),
  DELETE: handle(dispatch),
}));
