import { fetch } from "../app.ts";

/** The part of Bun that is used here: its types are no dependency. */
declare const Bun: {
  serve(options: { port: number; hostname: string; fetch: (request: Request, server: unknown) => Promise<Response> }): {
    readonly port: number;
  };
};

const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch });
console.log(`http://127.0.0.1:${server.port}/`);
