import { type Goal, isReached } from "../goals.ts";

/** One line of a table: what was measured, and what it should reach. */
export interface Row {
  readonly name: string;
  readonly figure: number;
  readonly unit: string;
  readonly goal?: Goal;
}

/** The rows of one table, their figures, goals and verdicts in columns. */
export function formatTable(title: string, rows: readonly Row[]): string {
  const cells = rows.map(({ name, figure, unit, goal }) => [
    name,
    `${formatFigure(figure)}${unit}`,
    goal === undefined ? "" : formatGoal(goal, unit),
    goal === undefined ? "" : isReached(goal, figure) ? "ok" : "MISS",
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => (row[column] ?? "").length)));
  const lines = cells.map(([name = "", figure = "", goal = "", verdict = ""]) =>
    [name.padEnd(widths[0] ?? 0), figure.padStart(widths[1] ?? 0), goal.padStart(widths[2] ?? 0), verdict]
      .join("  ")
      .trimEnd(),
  );
  return `${title}\n${lines.map((line) => `  ${line}`).join("\n")}\n`;
}

function formatGoal({ atMost, atLeast }: Goal, unit: string): string {
  return atMost === undefined ? `≥ ${formatFigure(atLeast ?? 0)}${unit}` : `≤ ${formatFigure(atMost)}${unit}`;
}

/** Three digits that count. */
function formatFigure(figure: number): string {
  if (figure >= 1000) return Math.round(figure).toLocaleString("en-US");
  return figure.toFixed(figure >= 100 ? 0 : figure >= 10 ? 1 : 2);
}
