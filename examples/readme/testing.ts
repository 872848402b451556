import { policy } from "mantlet";
import { session } from "./auth.ts";

const api = policy({ auth: session });
const define = (base: typeof api) => base((_request, { auth }) => Response.json({ hello: auth.subject }));

const ada = { method: "session", subject: "ada", scopes: new Set<string>(), plan: "pro" } as const;
const fake: typeof session = { ...session, present: () => true, authenticate: () => ada };
export const response = await define(api.with({ auth: fake }))(new Request("https://api.example.com/me"));
