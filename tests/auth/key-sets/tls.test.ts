import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterEach, expect, test } from "vitest";
import { clientOf, useProvider } from "./client.ts";

const provider = useProvider({ tls: true });
const trusted = getCACertificates("default");
afterEach(() => setDefaultCACertificates(trusted));

test("keys come over https from a provider whose certificate is trusted", async () => {
  setDefaultCACertificates([...trusted, provider().certificate ?? ""]);
  const { status } = clientOf(provider());
  expect(provider().jwksUrl).toMatch(/^https:\/\/localhost:\d+\/jwks\.json$/);
  expect(await status()).toBe(200);
  expect(provider().fetches).toBe(1);
});

test("a certificate that is not trusted is an outage", async () => {
  const { status, events } = clientOf(provider());
  expect(await status()).toBe(503);
  expect(provider().fetches).toBe(0);
  expect(events).toMatchObject([
    { type: "auth_unavailable", error: { cause: { cause: { code: "DEPTH_ZERO_SELF_SIGNED_CERT" } } } },
  ]);
});
