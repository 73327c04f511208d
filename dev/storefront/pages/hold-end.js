/**
 * When holds end, by `performance.now()`, in milliseconds. The device's wall clock may be wrong, so the service's times are
 * never compared with it.
 *
 * @type {Map<string, number>}
 */
const ends = new Map();
/** Two responses about one hold may differ by a second, and by the time that they took to arrive. */
const toleranceMs = 3_000;

/**
 * Returns when a hold ends, from a response with the seconds left, rounded up. The earliest end of several responses is the
 * most precise, unless the end of the hold itself has moved.
 *
 * @param {string} hold an id of the hold
 * @param {number} secondsLeft
 */
export function holdEnd(hold, secondsLeft) {
  const reported = performance.now() + secondsLeft * 1_000;
  const known = ends.get(hold) ?? reported;
  const end = Math.abs(reported - known) > toleranceMs ? reported : Math.min(reported, known);
  ends.set(hold, end);
  return end;
}
