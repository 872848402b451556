import { type LimitCheck, type Policy, policy, type RateLimitOptions } from "../../../../src/index.ts";
import { bindingStore, type RateLimitBinding } from "../../../../src/rate-limit/stores/binding.ts";

interface Env {
  readonly TEN: RateLimitBinding;
  readonly THREE: RateLimitBinding;
}

/** One limit over one binding, and two over one each. */
function limitsOf(path: string): readonly RateLimitOptions[] {
  const ten = { limit: 10, windowSeconds: 60, algorithm: "fixed-window" } as const;
  const three = { limit: 3, windowSeconds: 10, algorithm: "fixed-window" } as const;
  if (path === "/one") return [{ ...ten, name: "ten" }];
  return [
    { ...ten, name: "ten" },
    { ...three, name: "three" },
  ];
}

const policies = new Map<string, Policy>();

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/consume") {
      const store = bindingStore({ ten: env.TEN, three: env.THREE });
      const decisions: (readonly LimitCheck[])[] = JSON.parse(await request.text());
      const verdicts = [];
      for (const checks of decisions) verdicts.push(await store.consume(checks, { nowMs: 0 }));
      return Response.json(verdicts);
    }
    const api =
      policies.get(pathname) ??
      policy({
        store: bindingStore(pathname === "/one" ? env.TEN : { ten: env.TEN, three: env.THREE }),
        rateLimit: limitsOf(pathname),
      });
    policies.set(pathname, api);
    const clientIp = request.headers.get("x-test-address") ?? "192.0.2.1";
    return api.run(request, { clientIp }, () => Response.json({ status: "ok" }));
  },
};
