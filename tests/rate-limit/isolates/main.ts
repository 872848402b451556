import { warnings } from "./program.ts";

console.log(JSON.stringify(await warnings()));
