import { createHandler } from "./handler.ts";

interface Env {
  readonly ISSUER: string;
  readonly JWKS: string;
}

let handler: ReturnType<typeof createHandler> | undefined;

export default {
  fetch(request: Request, env: Env, context: unknown): Promise<Response> {
    handler ??= createHandler(env.ISSUER, env.JWKS);
    return handler(request, env, context);
  },
};
