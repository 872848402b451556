import type { Exchange } from "./exchange.ts";
import type { Counted } from "./rate-limit/store.ts";

const none: readonly string[] = [];
/** Room for what most policies write. */
const usualCount = 20;

/**
 * The fields of a response while the exit writes them. Names are read once, by `forEach`: asking `Headers` before each
 * write costs as much as the writes (10 times `has`: 1.7 µs on Node), and its iterator costs 70 µs for 20 fields on Deno.
 * All names are in lower case.
 */
export class ResponseFields {
  /** What came with the response. No list at first, since one that grows from nothing takes room for 17. */
  #theirs: string[] | undefined = undefined;
  /** What the exit wrote, and must take off where the same response is given for another request. */
  readonly #ours: string[] = new Array(usualCount);
  #oursCount = 0;
  readonly #headers: Headers;
  /** What an inner policy wrote for the same request. */
  readonly #inner: ResponseFields | undefined;
  /** The limits that the fields tell of: at first those of an inner policy. */
  counted: readonly Counted[] | undefined;
  /** The request that these fields answer. */
  readonly request: Request;
  /** Its id: an inner policy's, which the handler has seen, and which a problem in the body names. */
  readonly requestId: string;
  /** The `Content-Type` that came with the response. */
  readonly contentType: string | null;

  constructor(
    headers: Headers,
    { request, requestId }: Pick<Exchange, "request" | "requestId">,
    inner: ResponseFields | undefined,
  ) {
    let contentType: string | null = null;
    // With a closure: the `forEach` of some libraries' Headers takes nothing else.
    headers.forEach((value, name) => {
      if (this.#theirs === undefined) this.#theirs = [name];
      else this.#theirs.push(name);
      if (name === "content-type") contentType = value;
    });
    this.#headers = headers;
    this.#inner = inner;
    this.counted = inner?.counted;
    this.request = request;
    this.requestId = inner?.requestId ?? requestId;
    this.contentType = contentType;
  }

  /** Whether the field came with the response. */
  has(name: string): boolean {
    return this.#theirs?.includes(name) ?? false;
  }

  /** The value of a field, whoever wrote it. */
  get(name: string): string | null {
    return this.#headers.get(name);
  }

  /** The names that match among those that came with the response. */
  foreign(isForeign: (name: string) => boolean): readonly string[] {
    return this.#theirs?.some(isForeign) ? this.#theirs.filter(isForeign) : none;
  }

  /** Whether an exit wrote the field: this one, or one before it for the same request. */
  wrote(name: string): boolean {
    return this.#ours.includes(name) || (this.#inner?.wrote(name) ?? false);
  }

  /** Writes a field that belongs to the policy, over whatever came. */
  set(name: string, value: string): void {
    this.#headers.set(name, value);
    this.#ours[this.#oursCount++] = name;
  }

  /** Writes a field of the policy that gives way to the handler's. No two concerns write one field. */
  setDefault(name: string, value: string): void {
    if (!this.has(name)) this.set(name, value);
  }

  /** Writes a field whose owner stays who it was. */
  amend(name: string, value: string): void {
    this.#headers.set(name, value);
  }

  /** Deletes a field that is there. Set-Cookie may be there more than once. */
  delete(name: string): void {
    this.#headers.delete(name);
    this.#theirs = this.#theirs?.filter((other) => other !== name);
  }

  /** Takes what an exit wrote off a copy of the response. */
  takeOff(copy: Headers): void {
    this.#inner?.takeOff(copy);
    for (let index = 0; index < this.#oursCount; index++) copy.delete(this.#ours[index] as string); // below the count
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
