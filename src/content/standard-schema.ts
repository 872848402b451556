import type { MaybePromise } from "../lib/maybe-promise.ts";

/** The part of the Standard Schema interface (https://standardschema.dev) that is used here: zod, valibot and arktype have it. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => MaybePromise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** A value, or the issues that keep it from being one. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** What is wrong in one place. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Any schema. Its parameters are invariant, so nothing but `any` stands for all of them. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type AnySchema = StandardSchema<any, any>;

/** What a schema takes. */
export type InferInput<S extends AnySchema> = NonNullable<S["~standard"]["types"]>["input"];
/** What a schema gives. */
export type InferOutput<S extends AnySchema> = NonNullable<S["~standard"]["types"]>["output"];
