import { policy } from "mantlet";

export const api = policy({
  onEvent: (event) => {
    if (event.type === "handler_error") console.error(event.requestId, event.error);
    else console.log(event.type, event.code);
  },
});
