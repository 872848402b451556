import { policy } from "mantlet";

export const api = policy({
  requestId: { inbound: "accept" }, // behind a gateway that sets the field itself
});
