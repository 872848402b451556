import type { ReactNode } from "react";

export default function Page(): ReactNode {
  return <p>The API is at /api/notes.</p>;
}
