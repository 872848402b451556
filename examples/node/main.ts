import { serve } from "srvx";
import { showExchanges } from "./exchanges.ts";
import { fetch } from "./router.ts";

const once = process.argv.includes("--once");
const port = once ? 0 : Number(process.env.PORT ?? 3000);

const server = serve({ fetch, port, hostname: "127.0.0.1", silent: true });
try {
  await server.ready();
} catch (error) {
  console.error(
    `Cannot listen on port ${port}: ${error instanceof Error ? error.message : error}. Try PORT=3001 npm start.`,
  );
  process.exit(1);
}
const url = new URL(server.url ?? `http://127.0.0.1:${port}`).origin;

await showExchanges(url);

if (once) {
  await server.close(true);
  process.exit(); // a store's client may hold the process
} else {
  console.log(`The notes API is serving on ${url}. Try it:

  curl -i ${url}/notes
  curl -i ${url}/notes -H 'Content-Type: application/json' -d '{"text":"hello"}'
  curl -i ${url}/notes -H 'Origin: https://app.example.com'
  curl -i ${url}/notes -X OPTIONS -H 'Origin: https://app.example.com' -H 'Access-Control-Request-Method: POST'
  curl -i ${url}/notes -H 'Content-Type: application/json' -d '{"text":42}'
  curl -i ${url}/notes -d 'text=hello'
  curl -i ${url}/notes -X POST -H 'Origin: https://evil.example'
  curl -i ${url}/crash

Ctrl+C stops it.`);
}
