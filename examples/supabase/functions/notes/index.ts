import { policy } from "mantlet";
import { denoHandler } from "mantlet/deno";
import { z } from "zod";

const api = policy({
  cors: { origins: ["https://app.example.com"] },
  // Supabase stands behind Cloudflare, which writes this field; X-Forwarded-For may come from anybody.
  clientIp: { header: "cf-connecting-ip" },
});
const NewNote = z.object({ text: z.string().min(1).max(1000) });

// A function's memory does not outlast its requests: limits need a store that all instances share, as upstashStore().
export default {
  fetch: denoHandler(api, { methods: ["POST"], body: NewNote }, (_request, { body, clientIp, waitUntil }) => {
    waitUntil(Promise.resolve(console.log(`a note of ${body.text.length} characters from ${clientIp}`)));
    return Response.json({ text: body.text }, { status: 201 });
  }),
};
