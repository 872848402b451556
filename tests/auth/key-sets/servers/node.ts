import { serve } from "srvx";
import { createHandler } from "./handler.ts";

const [issuer = "", jwks = ""] = process.argv.slice(2);
const server = serve({ fetch: createHandler(issuer, jwks), port: 0, hostname: "127.0.0.1", silent: true });
await server.ready();
console.log(server.url);
