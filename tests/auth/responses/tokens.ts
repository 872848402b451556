import { SignJWT } from "jose";
import { audience, issuer, secret } from "./credentials.ts";

const key = new TextEncoder().encode(secret);

/** A good token but for these changes. */
export function token(
  claims: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({
    iss: issuer,
    aud: audience,
    sub: "ann",
    iat: now,
    exp: now + 300,
    scope: "notes:read",
    ...claims,
  })
    .setProtectedHeader({ alg: "HS256", typ: "at+jwt", ...header })
    .sign(key);
}

/** Seconds from now. */
export function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

/** The same token with another last character of its signature that decodes to other bytes. */
export async function tampered(): Promise<string> {
  const good = await token();
  return `${good.slice(0, -3)}${good.at(-3) === "A" ? "B" : "A"}${good.slice(-2)}`;
}
