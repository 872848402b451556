import { policy } from "mantlet";
import { jwt } from "mantlet/jwt";

const tokens = jwt({
  secret: () => process.env.SESSION_SECRET ?? "", // too short is a 500, never a pass
  algorithms: ["HS256"],
  issuer: "https://app.example.com",
  audience: "https://api.example.com",
});
const cookie = /(?:^|; )__Host-session=([^;]+)/;

const session: typeof tokens = {
  ...tokens,
  name: "session",
  fields: ["Cookie"], // for Vary
  ambient: true, // browsers send it by themselves
  challenge: 'Cookie realm="api"',
  present: (request) => cookie.test(request.headers.get("cookie") ?? ""),
  authenticate: ({ headers, url }, context) => {
    const [, token = ""] = cookie.exec(headers.get("cookie") ?? "") ?? [];
    return tokens.authenticate(new Request(url, { headers: { authorization: `Bearer ${token}` } }), context);
  },
};

const api = policy({ auth: session, cors: { origins: ["https://app.example.com"], credentials: true } });
export const me = api((_request, { auth }) => Response.json({ hello: auth.subject }));
