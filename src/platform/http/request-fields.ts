import type { ValidationChain } from 'express-validator';

/**
 * The kinds of fields that requests have. A field is defined once: its kind makes the chain that validates it, the JSON
 * Schema that describes it, and the words that say what would be right.
 */

/** The part of a request that a field is in, as Express names it. */
export type RequestPart = 'params' | 'query' | 'headers' | 'body';

export interface Field<Value = unknown, Required extends boolean = boolean> {
  required: Required;
  /** The rule for a valid value, in words that follow "must be". */
  rule: string;
  description: string;
  example?: string | number;
  /** JSON Schema of the value for clients: a number in a query is a number, although it is sent as text. */
  schema: Record<string, unknown>;
  /** Extends the chain that has selected the field: it refuses an invalid value, and converts a valid one to `Value`. */
  extend(chain: ValidationChain, part: RequestPart): ValidationChain;
  /** Only for the compiler: the type of a validated value. No field has it. */
  value?: Value;
}

type RequiredField<Value> = Field<Value, true>;

interface Described {
  description: string;
  example?: string | number;
}

/** The same field, but it may be absent. `null` is not absent. */
export function optional<Value>(field: Field<Value>): Field<Value, false> {
  return {
    ...field,
    required: false,
    extend: (chain, part) => field.extend(chain.optional(), part),
  };
}

/**
 * Text that the pattern matches. The pattern must start with `^` and end with `$`, and has the flag `u`, as in JSON Schema.
 * For a length write `{1,100}`: `isLength` of express-validator counts characters in another way than JSON Schema.
 */
export function textField({
  pattern,
  ...rest
}: Described & { pattern: RegExp; rule: string }): RequiredField<string> {
  return {
    ...rest,
    required: true,
    schema: { type: 'string', pattern: pattern.source },
    // `isString` comes first: otherwise validators check the items of an array, and convert other values to text.
    extend: (chain) => chain.isString().bail().matches(pattern.source, 'u'),
  };
}

/**
 * The id of a document. Validation converts it to lower case, because peers compare ids as strings and write lower case.
 * `isMongoId` of express-validator also accepts `0x` and 22 digits.
 */
export function objectIdField({ of, ...rest }: Described & { of: string }): RequiredField<string> {
  const pattern = /^[0-9a-fA-F]{24}$/;
  const text = textField({ ...rest, pattern, rule: `the id of ${of}, 24 hexadecimal digits` });
  // One validator and one sanitizer, not four: nearly every request has such a field, and each costs about 2 µs.
  const isId = (value: unknown) => typeof value === 'string' && pattern.test(value);
  const inSmallLetters = (value: unknown) => (typeof value === 'string' ? value.toLowerCase() : value);
  return { ...text, extend: (chain) => chain.custom(isId).customSanitizer(inSmallLetters) };
}

/** One of these words. */
export function choiceField<const Choice extends string>({
  choices,
  ...rest
}: Described & { choices: readonly Choice[] }): RequiredField<Choice> {
  return {
    ...rest,
    required: true,
    rule: choices.length === 1 ? `${choices[0]}` : `one of ${choices.join(', ')}`,
    schema: { type: 'string', enum: choices },
    extend: (chain) =>
      chain
        .isString()
        .bail()
        .isIn([...choices]),
  };
}

/** A number of JSON in a body; elsewhere it is sent as text, in its plain form: no sign, no zeros in front. */
export function wholeNumberField({
  min,
  max,
  ...rest
}: Described & { min: number; max: number }): RequiredField<number> {
  const isInRange = (value: unknown) =>
    Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
  return {
    ...rest,
    required: true,
    rule: `a whole number from ${min} to ${max}`,
    schema: { type: 'integer', minimum: min, maximum: max },
    extend(chain, part) {
      if (part === 'body') return chain.custom(isInRange);
      return chain
        .isString()
        .bail()
        .matches(/^(?:0|[1-9]\d*)$/)
        .isInt({ min, max })
        .toInt();
    },
  };
}

/**
 * Text that only the service understands, such as a cursor; to clients it is described as text and no more.
 *
 * @param read undefined for what it does not understand
 */
export function opaqueField<Value>({
  read,
  ...rest
}: Described & { rule: string; read: (text: string) => Value | undefined }): RequiredField<Value> {
  return {
    ...rest,
    required: true,
    schema: { type: 'string' },
    extend: (chain) =>
      chain
        .isString()
        .bail()
        .custom((text: string) => read(text) !== undefined)
        .bail()
        .customSanitizer(read),
  };
}
