import { route } from "mantlet/next";
import { NextRequest } from "next/server";
import { open } from "@/lib/answers.ts";

async function tell(request: NextRequest, params: unknown): Promise<Response> {
  const { nextUrl, cookies, method, headers } = request;
  return Response.json({
    isNextRequest: request instanceof NextRequest,
    isRequest: request instanceof Request,
    method,
    field: headers.get("x-field"),
    query: nextUrl.searchParams.get("q"),
    pathname: nextUrl.pathname,
    cookie: cookies.get("session")?.value,
    params,
    text: await request.text(),
  });
}

export const { GET, POST, PUT, OPTIONS } = route("/next/request/[id]/[...rest]", open, (handle) => ({
  GET: handle((request, { params }) => tell(request, params)),
  POST: handle((request, { params }) => tell(request, params)),
  PUT: handle({ rawBody: true }, (request, { params }) => tell(request, params)),
}));
