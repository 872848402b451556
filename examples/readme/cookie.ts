import { policy, problem } from "mantlet";
import { jwt } from "mantlet/jwt";

const tokens = jwt({
  secret: () => process.env.SESSION_SECRET ?? "", // too short is a 500, never a pass
  algorithms: ["HS256"],
  issuer: "https://app.example.com",
  audience: "https://api.example.com",
});
const cookie = /(?:^|; )__Host-session=([^;]+)/;
const over = {
  "WWW-Authenticate": 'Cookie realm="api"',
  "Set-Cookie": "__Host-session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0",
};

const session: typeof tokens = {
  ...tokens,
  name: "session",
  fields: ["Cookie"], // for Vary
  ambient: true, // browsers send it by themselves
  challenge: over["WWW-Authenticate"],
  present: (request) => cookie.test(request.headers.get("cookie") ?? ""),
  authenticate: async ({ headers, url }, context) => {
    const [, token = ""] = cookie.exec(headers.get("cookie") ?? "") ?? [];
    const bearer = new Request(url, { headers: { authorization: `Bearer ${token}` } });
    const found = await tokens.authenticate(bearer, context);
    return "subject" in found ? found : problem(401, "session_expired", { headers: over }); // no guess: not counted
  },
};

const api = policy({
  auth: session,
  cors: { origins: ["https://app.example.com"], credentials: true },
  routes: { "/login": { auth: "none" } }, // else an old cookie shuts its browser out
});
export const me = api({ auth: "required" }, (_request, { auth }) => Response.json({ hello: auth.subject }));
export const login = api(() => new Response(null, { status: 204 })); // here the cookie is made
