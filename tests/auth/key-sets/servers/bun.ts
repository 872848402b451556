import { createHandler } from "./handler.ts";

/** The part of Bun that is used here: its types are no dependency. */
declare const Bun: {
  serve(options: { port: number; hostname: string; fetch: (request: Request, server: unknown) => Promise<Response> }): {
    readonly port: number;
  };
};

const [issuer = "", jwks = ""] = process.argv.slice(2);
const { port } = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: createHandler(issuer, jwks) });
console.log(`http://127.0.0.1:${port}/`);
