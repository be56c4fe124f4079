/** What zod, valibot, arktype and others have in common. https://standardschema.dev */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
    /** https://standardschema.dev/json-schema; absent where a library cannot. */
    readonly jsonSchema?: { readonly input: (options: { readonly target: string }) => Record<string, unknown> }
  }
}

/** What a validation comes to: the value, or what is wrong with it. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

/** One thing that is wrong, and where. */
export interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** Plain JSON Schema. https://json-schema.org */
export interface JsonSchema {
  readonly '~standard'?: never
  readonly [keyword: string]: unknown
}

/** What a value has to be. */
export type Schema = StandardSchema | JsonSchema

/** The type of values that a schema gives; of plain JSON Schema nothing is known. */
export type OutputOf<S extends Schema> =
  S extends StandardSchema<infer _Input, infer Output> ? Output : S extends JsonSchema ? unknown : never
