/** Returns the current time. It is a parameter wherever time matters, so that tests can set it. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();

/** The time `milliseconds` after `from`. */
export function addMs(from: Date, milliseconds: number): Date {
  return new Date(from.getTime() + milliseconds);
}
