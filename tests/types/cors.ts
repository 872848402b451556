import { type CorsOptions, policy } from "../../src/index.ts";

declare const fromEnvironment: string[];
declare const readonlyList: readonly string[];
declare const variable: string | undefined;

// what passes
policy({ cors: { origins: ["https://app.example.com", "http://localhost:3000"], credentials: true } });
policy({ cors: { origins: ["https://*.example.com", "http://localhost:*"], credentials: true } });
policy({ cors: { origins: fromEnvironment, credentials: true } });
policy({ cors: { origins: readonlyList } });
policy({ cors: { origins: ["https://app.example.com", ...fromEnvironment] } });
policy({ cors: { origins: (variable ?? "").split(","), credentials: true } });
policy({ cors: { origins: "*" } });
policy({ cors: { origins: "*", credentials: false, methods: "*", allowHeaders: "*", exposeHeaders: "*" } });
policy({ cors: { origins: (origin) => origin.endsWith(".example.com"), credentials: true } });
policy({ cors: { origins: async (origin) => fromEnvironment.includes(origin) } });
policy({ cors: { passthrough: (request) => new Response(null, { status: request.url === "" ? 200 : 204 }) } });
policy({ cors: { passthrough: async () => new Response() }, crossOrigin: { origins: ["https://app.example.com"] } });
policy({
  cors: {
    origins: ["https://app.example.com"],
    methods: ["GET", "PUT"],
    allowHeaders: ["X-Tenant"],
    exposeHeaders: ["X-Total"],
    maxAgeSeconds: 600,
    dangerouslyAllowInsecureOrigins: true,
    dangerouslyAllowPublicSuffixes: true,
  },
});
const stored: CorsOptions = { origins: ["https://app.example.com"], credentials: true };
policy({ cors: stored });
export const inWith = policy().with({ cors: { origins: ["https://app.example.com"] } });

// what does not
// @ts-expect-error cookies for everybody
policy({ cors: { origins: "*", credentials: true } });
// @ts-expect-error cookies for everybody, maybe
policy({ cors: { origins: "*", credentials: Math.random() > 1 } });
// @ts-expect-error "null" is every sandboxed page
policy({ cors: { origins: ["null"] } });
// @ts-expect-error "null" beside a good one
policy({ cors: { origins: ["https://app.example.com", "null"], credentials: true } });
// @ts-expect-error a star in a list
policy({ cors: { origins: ["*"], credentials: true } });
// @ts-expect-error a star beside a good one
policy({ cors: { origins: ["https://app.example.com", "*"] } });
// @ts-expect-error a trailing slash, which browsers never send
policy({ cors: { origins: ["https://app.example.com/"] } });
// @ts-expect-error a path, which browsers never send
policy({ cors: { origins: ["https://app.example.com/login"] } });
// @ts-expect-error no scheme
policy({ cors: { origins: ["app.example.com"] } });
// @ts-expect-error one string is not a list
policy({ cors: { origins: "https://app.example.com" } });
// @ts-expect-error typo beside valid keys
policy({ cors: { origins: ["https://app.example.com"], credential: true } });
// @ts-expect-error with a list, methods are listed: with credentials "*" means a method of that name
policy({ cors: { origins: ["https://app.example.com"], methods: "*", credentials: true } });
// @ts-expect-error the same of request fields
policy({ cors: { origins: ["https://app.example.com"], allowHeaders: "*", credentials: true } });
// @ts-expect-error origins have no default
policy({ cors: {} });
// @ts-expect-error origins have no default, whatever else is said
policy({ cors: { credentials: true } });
// @ts-expect-error a word switches nothing on
policy({ cors: true });
// @ts-expect-error an origin function gets the origin and nothing else
policy({ cors: { origins: (_origin: string, request: Request) => request.url !== "" } });
// @ts-expect-error an origin function decides: it does not give the origin back
policy({ cors: { origins: (origin) => origin } });
// @ts-expect-error mantlet or a gateway owns CORS, not both
policy({ cors: { origins: ["https://app.example.com"], passthrough: () => new Response() } });
// @ts-expect-error preflights need an answer
policy({ cors: { passthrough: true } });
// @ts-expect-error mistakes in `with` are mistakes too
policy().with({ cors: { origins: ["https://app.example.com/"] } });

// cross-origin protection reads the same origins
policy({ crossOrigin: "off" });
policy({ crossOrigin: { strict: true, mode: "report" } });
policy({ crossOrigin: { origins: ["https://admin.example.com"] } });
policy({ crossOrigin: { origins: (origin) => origin === "https://admin.example.com" } });
policy({ crossOrigin: { origins: fromEnvironment }, cors: { origins: ["https://app.example.com"] } });
// @ts-expect-error a trailing slash
policy({ crossOrigin: { origins: ["https://admin.example.com/"] } });
// @ts-expect-error every origin would protect nothing
policy({ crossOrigin: { origins: "*" } });
// @ts-expect-error it is on: only "off" is a word
policy({ crossOrigin: "on" });
// @ts-expect-error and it is switched off by its word
policy({ crossOrigin: false });
// @ts-expect-error typo
policy({ crossOrigin: { strict: true, modes: "report" } });
