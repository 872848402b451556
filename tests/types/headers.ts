import { type HeadersOptions, policy } from "../../src/index.ts";

// every option
const all: HeadersOptions = {
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'self'"], scriptSrc: ["https://cdn.example.com"] },
  contentTypeOptions: "nosniff",
  frameOptions: "SAMEORIGIN",
  referrerPolicy: "strict-origin-when-cross-origin",
  crossOriginResourcePolicy: "same-site",
  cacheControl: "private, max-age=60",
  strictTransportSecurity: { maxAgeSeconds: 31_536_000, includeSubDomains: true, preload: true },
  permissionsPolicy: { camera: [], geolocation: ["self"] },
  crossOriginOpenerPolicy: "same-origin-allow-popups",
  crossOriginEmbedderPolicy: "credentialless",
  timingAllowOrigin: true,
  reportingEndpoints: { csp: "https://reports.example.com/csp" },
  extra: { "X-Robots-Tag": "noindex" },
  remove: ["Server"],
};
policy({ headers: all });
policy({ headers: false });
policy({
  headers: {
    contentSecurityPolicy: false,
    contentTypeOptions: false,
    frameOptions: false,
    referrerPolicy: false,
    crossOriginResourcePolicy: false,
    cacheControl: false,
    strictTransportSecurity: false,
    permissionsPolicy: false,
    crossOriginOpenerPolicy: false,
    crossOriginEmbedderPolicy: false,
    timingAllowOrigin: false,
    reportingEndpoints: false,
  },
});

// mistakes
// @ts-expect-error headers are on: only `false` is a word
policy({ headers: true });
// @ts-expect-error "html" is an override of routes
policy({ headers: "html" });
// @ts-expect-error typo beside a valid key
policy({ headers: { referrerPolicy: "no-referrer", frameOption: "DENY" } });
// @ts-expect-error not a referrer policy
policy({ headers: { referrerPolicy: "none" } });
// @ts-expect-error not a value of X-Frame-Options
policy({ headers: { frameOptions: "ALLOW-FROM https://app.example.com" } });
// @ts-expect-error upper case, as the standard writes it
policy({ headers: { frameOptions: "deny" } });
// @ts-expect-error the one value is "nosniff"
policy({ headers: { contentTypeOptions: "sniff" } });
// @ts-expect-error not a resource policy
policy({ headers: { crossOriginResourcePolicy: "none" } });
// @ts-expect-error not an embedder policy
policy({ headers: { crossOriginEmbedderPolicy: "require_corp" } });
// @ts-expect-error not an opener policy
policy({ headers: { crossOriginOpenerPolicy: "cross-origin" } });
// @ts-expect-error a policy is given as directives, so that they can be checked
policy({ headers: { contentSecurityPolicy: "default-src 'self'" } });
// @ts-expect-error directives are written in camel case
policy({ headers: { contentSecurityPolicy: { "default-src": ["'self'"] } } });
// @ts-expect-error without defaultSrc everything that is not listed is allowed
policy({ headers: { contentSecurityPolicy: { scriptSrc: ["'self'"] } } });
// @ts-expect-error typo in a directive
policy({ headers: { contentSecurityPolicy: { defaultSrc: ["'none'"], scriptSource: ["'self'"] } } });
// @ts-expect-error sources are a list
policy({ headers: { contentSecurityPolicy: { defaultSrc: "'none'" } } });
// @ts-expect-error not a feature
policy({ headers: { permissionsPolicy: { cameras: [] } } });
// @ts-expect-error an allow list is a list
policy({ headers: { permissionsPolicy: { camera: "self" } } });
// @ts-expect-error the age says its unit
policy({ headers: { strictTransportSecurity: { maxAge: 1 } } });
// @ts-expect-error fields are text
policy({ headers: { extra: { "X-Count": 1 } } });
// @ts-expect-error a list of names
policy({ headers: { remove: "Server" } });
