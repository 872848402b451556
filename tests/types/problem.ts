import { policy, problem, type Refusal, secure } from "../../src/index.ts";
import { type Equal, holds, ok } from "./support.ts";

declare const anyStatus: number;
declare const literals: 403 | 404;

// a refusal is a value, for handlers to return as well
const notFound = problem(404, "no_such_note");
holds<Equal<typeof notFound, Refusal>>();
secure(() => notFound);
secure(async (request) =>
  request.method === "GET" ? ok() : problem(409, "conflict", { detail: "Edited meanwhile." }),
);
policy()(() => problem(403, "closed"));
problem(literals, "no");
problem(422, "unfit", { members: { errors: ["title"] }, headers: { "X-Reason": "title" }, detail: "It does not fit." });

// the fields that a status demands
problem(401, "who", { headers: { "WWW-Authenticate": "Bearer" } });
problem(405, "no_put", { headers: { Allow: "GET" } });
problem(407, "proxy", { headers: { "Proxy-Authenticate": "Basic" } });
problem(426, "upgrade", { headers: { Upgrade: "TLS/1.2" } });
problem(429, "slow_down", { headers: { "Retry-After": "10", "X-More": "1" }, detail: "Later." });
// @ts-expect-error 401 says how to authenticate
problem(401, "who");
// @ts-expect-error 401 says how to authenticate, whatever else is said
problem(401, "who", { detail: "Who are you?" });
// @ts-expect-error 401 with another field
problem(401, "who", { headers: { "Retry-After": "1" } });
// @ts-expect-error 405 says what is allowed
problem(405, "no_put");
// @ts-expect-error 407 says how to authenticate
problem(407, "proxy");
// @ts-expect-error 426 says to what
problem(426, "upgrade", {});
// @ts-expect-error 429 says when to come back
problem(429, "slow_down", { headers: {} });

// a status that is only known at run time may be one of them
// @ts-expect-error which fields it needs cannot be seen
problem(anyStatus, "some");
// @ts-expect-error one of the two needs a field
problem(Math.random() > 1 ? 401 : 403, "some");

// mistakes
// @ts-expect-error a code is always given
problem(404);
// @ts-expect-error typo
problem(404, "no_such_note", { details: "It is gone." });
// @ts-expect-error fields are text
problem(404, "no_such_note", { headers: { "X-Count": 1 } });
// @ts-expect-error an object that looks like one is no refusal
export const forged: Refusal = { status: 403, code: "no", detail: undefined, headers: undefined, members: undefined };
// @ts-expect-error nor may a handler return it
secure(() => ({ status: 403, code: "no" }));
