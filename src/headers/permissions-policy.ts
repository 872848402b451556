import { type Issues, Options, show } from "../lib/options.ts";

/** The features that a document may be denied (Permissions Policy, "policy-controlled features"). */
export type PermissionsPolicyFeature =
  | "accelerometer"
  | "ambientLightSensor"
  | "attributionReporting"
  | "autoplay"
  | "bluetooth"
  | "browsingTopics"
  | "camera"
  | "captureSurfaceControl"
  | "clipboardRead"
  | "clipboardWrite"
  | "computePressure"
  | "crossOriginIsolated"
  | "deferredFetch"
  | "displayCapture"
  | "encryptedMedia"
  | "fullscreen"
  | "gamepad"
  | "geolocation"
  | "gyroscope"
  | "hid"
  | "identityCredentialsGet"
  | "idleDetection"
  | "keyboardMap"
  | "languageDetector"
  | "localFonts"
  | "localNetworkAccess"
  | "magnetometer"
  | "microphone"
  | "midi"
  | "otpCredentials"
  | "payment"
  | "pictureInPicture"
  | "privateStateTokenIssuance"
  | "privateStateTokenRedemption"
  | "publickeyCredentialsCreate"
  | "publickeyCredentialsGet"
  | "screenWakeLock"
  | "serial"
  | "speakerSelection"
  | "storageAccess"
  | "summarizer"
  | "syncXhr"
  | "translator"
  | "unload"
  | "usb"
  | "webShare"
  | "windowManagement"
  | "xrSpatialTracking";

/** Who may use a feature: nobody (`false` or an empty list), everybody (`true`), or `"self"` and origins. */
export type PermissionsPolicyOptions = {
  readonly [Feature in PermissionsPolicyFeature]?: boolean | readonly ("self" | (string & {}))[];
};

/** The text of the field: a structured dictionary (RFC 9651 §3.2). */
export function compilePermissionsPolicy(value: unknown, path: string, issues: Issues): string {
  const options = new Options(value, path, issues);
  const members: string[] = [];
  for (const key of Object.keys(Object(value))) {
    if (!/^[a-z]+(?:[A-Z][a-z]+)*$/.test(key)) continue;
    const allowed = options.get(key);
    const name = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (typeof allowed === "boolean") members.push(`${name}=${allowed ? "*" : "()"}`);
    else if (Array.isArray(allowed))
      members.push(`${name}=(${allowed.map((entry) => allowList(entry, key, options)).join(" ")})`);
    else options.refuse(key, `${show(allowed)} must be true, false, or a list of "self" and origins`);
  }
  options.done();
  return members.join(", ");
}

function allowList(entry: unknown, key: string, options: Options): string {
  if (entry === "self" || entry === "src") return entry;
  if (typeof entry === "string" && /^[a-z][a-z0-9+.-]*:\/\/[!#-[\]-~]+$/.test(entry)) return `"${entry}"`;
  options.refuse(key, `${show(entry)} is neither "self" nor an origin such as "https://app.example.com"`);
  return "";
}
