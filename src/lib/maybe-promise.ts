/** A value, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>;

/** Tells a promise (of any realm) from a value, so that nothing waits where nothing is asynchronous. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  if (value instanceof Promise) return true;
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** For a function that must answer at once: where it gave a promise, nobody else takes the rejection of that. */
export function disown(value: unknown): void {
  if (isPromise(value)) Promise.resolve(value).catch(() => {});
}

/** What becomes of a value: at once, or when it is there. */
export function andThen<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return isPromise(value) ? Promise.resolve(value).then(next) : next(value); // somebody's own then() may give nothing
}

/** One of several steps: an answer, which ends them, or nothing. Asynchronous only where something in it is. */
export type Step<Given, Answer = unknown> = (given: Given) => MaybePromise<Answer | undefined>;

/** Takes steps, from `first` on, until one answers. Waits for those that are asynchronous, and for no other. */
export function firstAnswer<Given, Answer>(
  steps: readonly Step<Given, Answer>[],
  given: Given,
  first = 0,
): MaybePromise<Answer | undefined> {
  for (let index = first; index < steps.length; index++) {
    const answer = steps[index]?.(given);
    if (answer === undefined) continue; // before anything else is asked of it: nearly all of them are
    return isPromise(answer) ? answerAfter(answer, steps, given, index + 1) : answer;
  }
  return undefined;
}

function answerAfter<Given, Answer>(
  answer: Promise<Answer | undefined>,
  steps: readonly Step<Given, Answer>[],
  given: Given,
  next: number,
): Promise<Answer | undefined> {
  return answer.then((settled) => (settled === undefined ? firstAnswer(steps, given, next) : settled));
}
