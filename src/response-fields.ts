import type { ExitPlan, ExitRoute } from "./exit.ts";

const none: readonly string[] = [];
/** What a policy's security fields may bring besides those that it always writes. */
const conditional: readonly string[] = ["cache-control", "strict-transport-security", "timing-allow-origin"];

/**
 * The fields of a response while the exit writes them. Names are read once, by `forEach`: asking `Headers` before each
 * write costs as much as the writes (10 times `has`: 1.7 µs on Node), and its iterator costs 70 µs for 20 fields on Deno.
 * All names are in lower case.
 */
export class ResponseFields {
  /** What came with the response, but for what the policy wrote over. A list of one: most come with their type alone. */
  #theirs: string[] | undefined = undefined;
  #contentType: string | null = null;
  readonly #headers: Headers;
  readonly #plan: ExitPlan;
  readonly #route: ExitRoute;
  /** What an inner policy wrote for the same request. */
  readonly #inner: ResponseFields | undefined;
  /** The request that these fields answer. */
  readonly request: Request;

  constructor(headers: Headers, request: Request, plan: ExitPlan, route: ExitRoute, inner: ResponseFields | undefined) {
    headers.forEach(this.#note, this); // a closure for each response would cost more than the call
    this.#headers = headers;
    this.request = request;
    this.#plan = plan;
    this.#route = route;
    this.#inner = inner;
  }

  #note(value: string, name: string): void {
    this.#add(name);
    if (name === "content-type") this.#contentType = value;
  }

  /** The `Content-Type` that came with the response. */
  get contentType(): string | null {
    return this.#contentType;
  }

  #add(name: string): void {
    if (this.#theirs === undefined) this.#theirs = [name];
    else this.#theirs.push(name);
  }

  /** Whether the field came with the response. */
  has(name: string): boolean {
    return this.#theirs?.includes(name) ?? false;
  }

  /** The value of a field, whoever wrote it. */
  get(name: string): string | null {
    return this.#headers.get(name);
  }

  /** The names that a pattern matches. */
  matching(pattern: RegExp): readonly string[] {
    return [...(this.#theirs ?? none), ...this.#ours].filter((name) => pattern.test(name));
  }

  /** The names among those that came with the response. */
  foreign(isForeign: (name: string) => boolean): readonly string[] {
    return this.#theirs?.some(isForeign) ? this.#theirs.filter(isForeign) : none;
  }

  /** Writes a field that belongs to the policy, over whatever came. */
  set(name: string, value: string): void {
    this.#headers.set(name, value);
    if (this.has(name)) this.#disown(name);
  }

  /** Writes a field of the policy that gives way to the handler's. No two concerns write one field. */
  setDefault(name: string, value: string): void {
    if (!this.has(name)) this.#headers.set(name, value);
  }

  /** Writes a field that belongs to the handler, who has it amended. */
  amend(name: string, value: string): void {
    this.#headers.set(name, value);
  }

  delete(name: string): void {
    this.#headers.delete(name);
    this.#disown(name);
  }

  /** Set-Cookie may be there more than once. */
  #disown(name: string): void {
    this.#theirs = this.#theirs?.filter((other) => other !== name);
  }

  /** Takes what an exit wrote off a copy of the response. */
  takeOff(copy: Headers): void {
    this.#inner?.takeOff(copy);
    for (const name of this.#ours) if (!this.has(name)) copy.delete(name);
  }

  /** What the exit may have written. */
  get #ours(): readonly string[] {
    const { requestId, finishers } = this.#plan;
    const { headers } = this.#route;
    return [
      ...(headers === undefined ? none : [...headers.names, ...conditional]),
      ...(requestId.sends ? [requestId.header] : none),
      ...finishers.flatMap(({ writes }) => writes),
    ];
  }
}

/** Gives back what it gets, so that a class below it puts its private fields on that object. */
class Given {
  constructor(response: Response) {
    // biome-ignore lint/correctness/noConstructorReturn: this is what the class is for
    return response as unknown as Given;
  }
}

/**
 * A private field on a response itself. Nobody else can see it and no copy has it, as with a `WeakMap`, but an entry of
 * that costs three times as much, and the garbage collector's time later.
 */
class Written extends Given {
  #fields: ResponseFields;

  private constructor(response: Response, fields: ResponseFields) {
    super(response);
    this.#fields = fields;
  }

  static get(response: object): ResponseFields | undefined {
    return #fields in response ? response.#fields : undefined;
  }

  static set(response: Response, fields: ResponseFields): void {
    if (#fields in response) (response as Written).#fields = fields;
    else new Written(response, fields);
  }
}

/** What exits wrote to a response of a handler, who may keep one and give it again for another request. */
export function fieldsWrittenTo(response: Response): ResponseFields | undefined {
  return Written.get(response);
}

/** Notes what an exit wrote to a response. */
export function remember(response: Response, fields: ResponseFields): void {
  Written.set(response, fields);
}
