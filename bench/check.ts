import { type Contender, contenders, nameOf, variants } from "./contenders/index.ts";
import { makePool } from "./harness/requests.ts";

/** Fields whose value differs from request to request. */
const varying: ReadonlySet<string> = new Set([
  "x-request-id",
  "ratelimit",
  "x-ratelimit-remaining",
  "x-ratelimit-reset",
]);

/** Where a contender's constant value may differ from mantlet's, and why. */
const declared: Readonly<Record<string, string>> = {
  "ratelimit-policy": "hono-rate-limiter stops at draft 7 of the RateLimit fields; mantlet sends draft 11",
  "content-type": "frameworks add a charset to JSON, which has none",
};

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly fields: ReadonlyMap<string, string>;
}

/** Fields that are a server's own. */
const transport: ReadonlySet<string> = new Set(["connection", "date", "keep-alive"]);

/**
 * Makes sure that the contenders do the same work: the status, the body, the names of all fields, and the values of
 * those that are constant. Gives the declared deviations; throws when there are others.
 */
export async function checkContenders(): Promise<readonly string[]> {
  const [request] = makePool();
  if (request === undefined) throw new Error("the pool is empty");
  return checkAnswers(contenders, async ({ make }) => make()(request));
}

/** The same, for contenders that are asked in another way. */
export async function checkAnswers<Asked extends Pick<Contender, "name" | "variant">>(
  asked: readonly Asked[],
  ask: (contender: Asked) => Promise<Response>,
): Promise<readonly string[]> {
  const answers = new Map<string, Answer>();
  for (const contender of asked) answers.set(contender.name, await read(await ask(contender)));
  const deviations: string[] = [];
  const mistakes: string[] = [];
  for (const variant of variants.filter((one) => asked.some((contender) => contender.variant === one))) {
    const reference = answers.get(nameOf("mantlet", variant));
    if (reference === undefined) throw new Error("mantlet is not among the contenders");
    for (const { name } of asked.filter((contender) => contender.variant === variant)) {
      for (const [field, text] of compare(answers.get(name) ?? reference, reference)) {
        const reason = declared[field];
        if (reason === undefined) mistakes.push(`${name}: ${field}: ${text}`);
        else deviations.push(`${name}: ${field}: ${reason}`);
      }
    }
  }
  if (mistakes.length > 0) throw new Error(`the contenders do not do the same work:\n${mistakes.join("\n")}`);
  return deviations;
}

async function read(response: Response): Promise<Answer> {
  const fields = [...response.headers].filter(([name]) => !transport.has(name));
  return { status: response.status, body: await response.text(), fields: new Map(fields) };
}

function* compare(answer: Answer, reference: Answer): Generator<readonly [field: string, text: string]> {
  if (answer.status !== reference.status) yield ["status", `${answer.status}, not ${reference.status}`];
  if (answer.body !== reference.body) yield ["body", `${answer.body}, not ${reference.body}`];
  for (const name of new Set([...answer.fields.keys(), ...reference.fields.keys()])) {
    const value = answer.fields.get(name);
    const expected = reference.fields.get(name);
    if (value === undefined || expected === undefined) yield [name, value === undefined ? "is missing" : "is too much"];
    else if (!varying.has(name) && spaceless(value) !== spaceless(expected)) yield [name, `${value}, not ${expected}`];
  }
}

function spaceless(value: string): string {
  return value.replaceAll(", ", ",").toLowerCase();
}
