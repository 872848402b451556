import { warnings } from "./program.ts";

export default { fetch: async (): Promise<Response> => Response.json(await warnings()) };
