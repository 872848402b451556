import { policy, problem } from "mantlet";

const key = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
const api = policy({ routes: { "/webhooks/orders": { crossOrigin: "off" } } });

const fromHex = (text: string) =>
  Uint8Array.from(text.match(/[0-9a-f]{2}/g) ?? [], (byte) => Number.parseInt(byte, 16));

export const orders = api({ rawBody: true, methods: ["POST"] }, async (request, { rawBody }) => {
  const signature = fromHex(request.headers.get("x-signature") ?? "");
  const isGenuine = await crypto.subtle.verify("HMAC", key, signature, rawBody);
  return isGenuine ? new Response(null, { status: 204 }) : problem(400, "bad_signature");
});
