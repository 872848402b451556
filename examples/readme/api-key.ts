import { apiKey, apiKeyPattern, generateApiKey, policy } from "mantlet";

const { key, ...kept } = await generateApiKey("acme_live"); // show `key` to its owner, once; keep id and hash

const api = policy({
  auth: apiKey({
    prefix: "acme_live",
    scopes: ["notes:read", "notes:write"],
    lookup: [{ ...kept, scopes: ["notes:read"], expiresAt: new Date("2099-01-01"), meta: { plan: "free" } }],
  }),
});

export const list = api({ scopes: ["notes:read"] }, (_request, { auth }) =>
  Response.json({ notes: [], plan: auth.meta.plan, key: auth.subject }),
);
export const request = new Request("https://api.example.com/notes", { headers: { "X-API-Key": key } });
export const withoutKeys = (line: string) => line.replaceAll(apiKeyPattern("acme_live"), "[key]");
