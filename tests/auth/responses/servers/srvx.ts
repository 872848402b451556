import { serve } from "srvx";
import { fetch } from "../app.ts";

const server = serve({ fetch, port: 0, hostname: "127.0.0.1", silent: true });
await server.ready();
console.log(server.url);
