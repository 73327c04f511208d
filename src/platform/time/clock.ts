/** Returns the present time. Passed in wherever time matters, so that tests decide what time it is. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();

/** The moment `milliseconds` after `from`. */
export function addMs(from: Date, milliseconds: number): Date {
  return new Date(from.getTime() + milliseconds);
}
