import { policy, problem } from "mantlet";
import { cookies } from "next/headers";
import { forbidden, notFound, permanentRedirect, redirect, unauthorized } from "next/navigation";

/** Ways to answer that Next.js has, by name: most of them throw. */
const answers: Readonly<Record<string, () => Response | Promise<Response>>> = {
  redirect: () => redirect("/next/target?a=1;b=2"),
  "redirect-away": () => redirect("https://www.example.com/next"),
  "redirect-broken": () => redirect("/next/\u65e5"),
  permanent: () => permanentRedirect("/next/target"),
  "not-found": () => notFound(),
  forbidden: () => forbidden(),
  unauthorized: () => unauthorized(),
  "redirect-with-cookies": async () => {
    await setCookies();
    return redirect("/next/target");
  },
  cookies: async () => {
    await setCookies();
    const headers = new Headers({ "Set-Cookie": "c=3; Path=/" });
    headers.append("Set-Cookie", "d=4; Path=/");
    return Response.json({}, { headers });
  },
  // What Next.js throws where a response cannot be prerendered: it must see it again.
  interruption: () => {
    throw Object.assign(new Error("interrupted"), { digest: "DYNAMIC_SERVER_USAGE" });
  },
  // What it makes of errors that cross from a cached function.
  "cached-error": () => {
    throw Object.assign(new Error("password=hunter2"), { digest: "2338829121" });
  },
  error: () => {
    throw new Error("password=hunter2");
  },
};

async function setCookies(): Promise<void> {
  const jar = await cookies();
  jar.set("a", "1");
  jar.set("b", "2");
}

export function answer(what: string): ReturnType<(typeof answers)[string]> {
  return answers[what]?.() ?? notFound();
}

/** A policy whose check answers, where the request says so. */
export const open = policy({
  cors: { origins: ["https://app.example.com"] },
  checks: [
    {
      name: "gate",
      check: async (request) => {
        const what = request.headers.get("x-check");
        if (what === "problem") return problem(403, "gate_closed");
        if (what !== null) await answer(what);
        return undefined;
      },
    },
  ],
});
