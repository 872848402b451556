import { secure } from "mantlet";

export const GET = secure(() => Response.json({ status: "ok" }));
