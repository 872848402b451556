import { z } from "zod";
import { policy } from "../../src/index.ts";
import { httpsUrl, originList, type SettingSchema, secret, trustedProxies } from "../../src/zod.ts";
import { type Equal, holds, read } from "./support.ts";

// from one string of the environment to a setting
holds<Equal<z.input<ReturnType<typeof originList>>, string>>();
holds<Equal<z.output<ReturnType<typeof originList>>, string[]>>();
holds<Equal<z.output<ReturnType<typeof trustedProxies>>, string[]>>();
holds<Equal<z.output<ReturnType<typeof secret>>, string>>();
holds<Equal<z.output<ReturnType<typeof httpsUrl>>, string>>();
holds<Equal<ReturnType<typeof secret>, SettingSchema<string>>>();

const Environment = z.object({
  CORS_ORIGINS: originList(),
  JWT_SECRET: secret({ minBytes: 48 }),
  ISSUER: httpsUrl().optional(),
  PROXIES: trustedProxies().default([]),
  PREVIEWS: originList().prefault("https://preview.example.com"),
});
declare const variables: Record<string, string | undefined>;
const settings = Environment.parse(variables);
holds<
  Equal<
    typeof settings,
    {
      CORS_ORIGINS: string[];
      JWT_SECRET: string;
      ISSUER?: string | undefined;
      PROXIES: string[];
      PREVIEWS: string[];
    }
  >
>();

// what comes out is what a policy takes
policy({ cors: { origins: settings.CORS_ORIGINS, credentials: true } });
policy({ cors: { origins: originList().parse("https://app.example.com") } });
policy({ cors: { origins: [...settings.CORS_ORIGINS, "https://app.example.com"] } });
policy({ crossOrigin: { origins: settings.PREVIEWS } });

// the type of an environment can be derived
interface Env extends z.input<typeof Environment> {}
read((env: Env): string => env.CORS_ORIGINS);

// mistakes
// @ts-expect-error one string is not a list
policy({ cors: { origins: settings.JWT_SECRET } });
// @ts-expect-error the size says its unit
secret({ min: 32 });
// @ts-expect-error and is a number
secret({ minBytes: "32" });
// @ts-expect-error an option may be absent, not undefined
secret({ minBytes: undefined });
// @ts-expect-error the grammar of origins has no options
originList({ allowHttp: true });
// @ts-expect-error a default is what comes out, a `prefault` what goes in
trustedProxies().default("10.0.0.0/8");
// @ts-expect-error the settings are named
read(settings.CORS_ORIGIN);
