/**
 * An object that names every field of a type, an optional one too, as `undefined` where there is nothing to say. When the
 * type gets a new optional field, the compiler asks for it wherever one of these is made.
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
