/**
 * When holds end, by the page's own clock that nobody sets (`performance.now()`, in milliseconds). The clock of the device
 * may be wrong, so no time of the service's is compared with it.
 *
 * @type {Map<string, number>}
 */
const ends = new Map();
/** Of two answers about one hold each is right to a second; the rest is what they may have been under way. */
const toleranceMs = 3_000;

/**
 * Learns from an answer how long a hold lasts still, in whole seconds rounded up, and tells when it ends. So the
 * earliest end that was told of a hold is nearest to the truth, unless the page's clock has run on in between.
 *
 * @param {string} hold what tells it from others
 * @param {number} secondsLeft
 */
export function holdEnd(hold, secondsLeft) {
  const told = performance.now() + secondsLeft * 1_000;
  const known = ends.get(hold) ?? told;
  const end = Math.abs(told - known) > toleranceMs ? told : Math.min(told, known);
  ends.set(hold, end);
  return end;
}
