import { fetch } from "../app.ts";

export default { fetch: (request: Request): Promise<Response> => fetch(request) };
