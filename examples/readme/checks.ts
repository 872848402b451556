import { policy, problem } from "mantlet";

const tenants = new Map([["acme", { id: "acme", region: "eu" }]]);

const api = policy({
  checks: [
    {
      name: "tenant",
      check: (request) => {
        const tenant = tenants.get(new URL(request.url).hostname.split(".", 1)[0] ?? "");
        return tenant === undefined ? problem(404, "no_such_tenant") : { tenant };
      },
    },
  ],
});

export const region = api((_request, { tenant }) => Response.json({ region: tenant.region }));
