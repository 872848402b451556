import { algorithms, outcomeOf } from "./lengths.ts";

export default {
  async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const alg = algorithms.find((name) => name === searchParams.get("alg")) ?? "ES256";
    return Response.json(await outcomeOf(alg, searchParams.get("form") ?? ""));
  },
};
