import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readToken } from "../../../src/auth/jwt/gate.ts";
import { compileKeySource } from "../../../src/auth/jwt/key-set.ts";
import { compileSecret } from "../../../src/auth/jwt/secret.ts";
import { refuseSignature } from "../../../src/auth/jwt/signature.ts";
import type { Issues } from "../../../src/lib/options.ts";
import type { RequestContext } from "../../../src/types.ts";

/**
 * The test vectors for JSON Web Signatures of Wycheproof (C2SP/wycheproof, testvectors_v1), which are not kept here:
 * WYCHEPROOF_DIR names a folder with json_web_signature_test.json. Their payloads are no claims, so what is tested is what
 * comes before the claims: the form, the header, the key and the signature.
 */
const folder = process.env.WYCHEPROOF_DIR;

interface Group {
  readonly comment: string;
  readonly public?: Readonly<Record<string, unknown>>;
  readonly private?: Readonly<Record<string, unknown>>;
  readonly tests: readonly {
    readonly tcId: number;
    readonly comment: string;
    readonly jws: string;
    readonly result: "valid" | "invalid";
  }[];
}

/** Where the vectors say otherwise than they should. */
const otherwise: Readonly<Record<number, "valid" | "invalid">> = {
  // Byte by byte the same as the valid vector 357.
  367: "valid",
  370: "valid",
  // They hold a question mark, which no base64url has (RFC 7515 §2).
  372: "invalid",
  373: "invalid",
  // Their key says that it is for another algorithm (RFC 7517 §4.4).
  346: "invalid",
  347: "invalid",
  350: "invalid",
  351: "invalid",
};

const hmac = ["HS256", "HS384", "HS512"];
const asymmetric = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];

async function isAccepted(jws: string, { public: publicKey, private: secretKey }: Group): Promise<boolean> {
  const issues: Issues = [];
  const isSecret = publicKey === undefined;
  const algorithms = isSecret ? hmac.filter((alg) => alg === (secretKey?.alg ?? "HS256")) : asymmetric;
  const keys = isSecret
    ? compileSecret(Uint8Array.from(Buffer.from(String(secretKey?.k), "base64url")), algorithms, issues)
    : compileKeySource({ keys: [publicKey] }, undefined, "jwt.jwks", issues);
  if (issues.length > 0) return false;
  const read = readToken(jws, {
    algorithms: new Set(algorithms),
    types: new Set([undefined, "jwt"]),
    latest: { segment: "", question: undefined },
  });
  if (typeof read === "string") return false;
  const context: RequestContext = {
    requestId: "wycheproof",
    traceId: undefined,
    clientIp: undefined,
    signal: new AbortController().signal,
    waitUntil: () => undefined,
  };
  return (await refuseSignature({ token: jws, question: read.question, keys }, context)) === undefined;
}

describe.skipIf(folder === undefined)("Wycheproof", () => {
  const groups: readonly Group[] =
    folder === undefined
      ? []
      : JSON.parse(readFileSync(join(folder, "json_web_signature_test.json"), "utf8")).testGroups;
  const cases = groups.flatMap((group) => group.tests.map((vector) => ({ group, ...vector })));

  test.each(cases)("$tcId: $group.comment, $comment", async ({ group, tcId, jws, result }) => {
    expect((await isAccepted(jws, group)) ? "valid" : "invalid").toBe(otherwise[tcId] ?? result);
  });
});
