import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** A key and a self-signed certificate, in PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** Makes a certificate of one day for these host names (RFC 5280 §4.1): node:crypto signs, but builds none. */
export function selfSignedCertificate(hosts: readonly string[]): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const now = Date.now();
  const name = sequence(set(sequence(oid(commonName), der(0x0c, Buffer.from("mantlet tests")))));
  const subjectAltName = sequence(...hosts.map((host) => der(0x82, Buffer.from(host))));
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.of(2))), // X.509 version 3
    der(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])), // the serial number, positive
    sequence(oid(ecdsaWithSha256)),
    name,
    sequence(utcTime(now - 3_600_000), utcTime(now + 86_400_000)),
    name,
    publicKey.export({ format: "der", type: "spki" }),
    der(0xa3, sequence(sequence(oid(subjectAltNameId), der(0x04, subjectAltName)))),
  );
  const signature = sign("sha256", toBeSigned, privateKey);
  const certificate = sequence(
    toBeSigned,
    sequence(oid(ecdsaWithSha256)),
    der(0x03, Buffer.concat([Buffer.of(0), signature])), // a bit string without unused bits
  );
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    key: String(privateKey.export({ format: "pem", type: "pkcs8" })),
    cert: ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n"),
  };
}

/** Object identifiers as DER writes them. */
const ecdsaWithSha256 = "2a8648ce3d040302"; // 1.2.840.10045.4.3.2
const commonName = "550403"; // 2.5.4.3
const subjectAltNameId = "551d11"; // 2.5.29.17

/** Tag, length, value (X.690 §8.1). */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function set(part: Buffer): Buffer {
  return der(0x31, part);
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}

/** YYMMDDHHMMSSZ. */
function utcTime(timeMs: number): Buffer {
  const digits = new Date(timeMs).toISOString().replaceAll(/\D/g, "").slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}
