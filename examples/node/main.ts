import { serve } from "srvx";
import { issueKey, issueToken } from "./credentials.ts";
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
  const token = await issueToken("ada", ["notes:read", "notes:write"]);
  const key = await issueKey("robot", ["notes:read"]);
  console.log(`The notes API is serving on ${url}. Try it, with a token for an hour and a key that may only read:

  TOKEN=${token}
  KEY=${key}

  curl -i ${url}/health
  curl -i ${url}/notes
  curl -i ${url}/notes -H "Authorization: Bearer $TOKEN"
  curl -i ${url}/notes -H "X-API-Key: $KEY"
  curl -i ${url}/notes -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"text":"hello"}'
  curl -i ${url}/notes -H "X-API-Key: $KEY" -H 'Content-Type: application/json' -d '{"text":"hello"}'
  curl -i ${url}/notes -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"text":42}'
  curl -i ${url}/notes -X OPTIONS -H 'Origin: https://app.example.com' -H 'Access-Control-Request-Method: POST'
  curl -i ${url}/notes -X POST -H 'Origin: https://evil.example'

Ctrl+C stops it.`);
}
