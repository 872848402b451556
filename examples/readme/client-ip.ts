import { policy } from "mantlet";

export const behindOneProxy = policy({
  clientIp: { trustedHops: 1 },
  rateLimit: { limit: 300, windowSeconds: 60 },
});
export const behindOurOwn = policy({
  clientIp: { trustedProxies: ["10.0.0.0/8", "fd00::/8"], header: "forwarded" },
  rateLimit: { limit: 300, windowSeconds: 60 },
});
