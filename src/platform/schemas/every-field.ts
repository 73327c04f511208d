/**
 * An object that has every field of a type, also optional ones, with `undefined` when there is no value. When the type gets a
 * new optional field, code that does not set it does not compile.
 */
export type EveryField<T> = {
  [Name in keyof T]-?: Partial<Pick<T, Name>> extends Pick<T, Name> ? T[Name] | undefined : T[Name];
};

/** The object without the fields that are `undefined`: the database driver would store `null` for them. */
export function withoutUndefined<T>(fields: EveryField<T>): T {
  const present: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) present[name] = value;
  return present as T;
}
