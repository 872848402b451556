import { type WorkerExecutionContext, worker } from "../../adapters/cloudflare.ts";
import { mantletPolicy } from "../contenders/mantlet.ts";
import { raw } from "../contenders/raw.ts";
import { rivalsWith } from "../contenders/served.ts";
import { makeStack, type Served, type ServerFetch, type Stacks } from "../harness/serve-stack.ts";

interface Native {
  readonly env: Served;
  readonly ctx: WorkerExecutionContext;
}

const stacks: Stacks<Native> = {
  ...rivalsWith((_, request) => request.headers.get("cf-connecting-ip") ?? ""),
  mantlet: (variant) => {
    const fetch = worker(mantletPolicy(variant), raw());
    return (request, { env, ctx }) => fetch(request, env, ctx);
  },
};

/** The stack that its bindings name. It is made by the first request, since workerd forbids the timers of rivals before. */
let made: ServerFetch<Native> | undefined;

export default {
  fetch(request: Request, env: Served, ctx: WorkerExecutionContext): Response | Promise<Response> {
    made ??= makeStack(stacks, env);
    return made(request, { env, ctx });
  },
};
