import { policy } from "mantlet";

export const api = policy({
  headers: {
    frameOptions: "SAMEORIGIN",
    strictTransportSecurity: { maxAgeSeconds: 63_072_000, includeSubDomains: true },
    permissionsPolicy: { camera: false, geolocation: ["self"] },
    referrerPolicy: false,
    extra: { Sunset: "Wed, 11 Nov 2027 11:11:11 GMT" },
  },
  routes: { "/docs": { headers: "html" } },
});
