import { policy, problem } from "mantlet";

const key = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
const api = policy({ routes: { "/webhooks/orders": { crossOrigin: "off" } } });

export const orders = api({ rawBody: true, methods: ["POST"] }, async (request, { rawBody }) => {
  const signature = Uint8Array.from(atob(request.headers.get("x-signature") ?? ""), (byte) => byte.charCodeAt(0));
  const isGenuine = await crypto.subtle.verify("HMAC", key, signature, Uint8Array.from(rawBody));
  return isGenuine ? new Response(null, { status: 204 }) : problem(400, "bad_signature");
});
