import process from "node:process";
import type { Fetch } from "../contenders/settings.ts";
import { cpuMicros } from "../harness/cpu.ts";
import { reply } from "../harness/reply.ts";

/** CPU ms of importing the module at argument 1 and of its first request. The platform's own classes are loaded before. */
const request = Object.assign(
  new Request("https://api.example.com/", { headers: { origin: "https://app.example.com" } }),
  {
    ip: "203.0.113.7",
  },
);
await Response.json({}).text();
const before = cpuMicros();
const { fetch }: { fetch: Fetch } = await import(process.argv[2] ?? "");
await fetch(request);
reply((cpuMicros() - before) / 1000);
