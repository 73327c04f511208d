/**
 * The server's clock. Nobody knows whether the browser's is right, so what it is ahead or behind is learned from the
 * answers' `Date` headers. One of them is exact to a second only (RFC 9110, section 5.6.7), but each narrows down
 * what the ones before have left possible.
 */
const unknown = { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY };
let ahead = unknown;

/**
 * Learns from an answer, sent for and received at these times of the browser's clock (milliseconds).
 *
 * @param {string | null} date the answer's `Date` header
 * @param {number} sentAt
 * @param {number} receivedAt
 */
export function learnTime(date, sentAt, receivedAt) {
  const second = date ? Date.parse(date) : Number.NaN;
  if (Number.isNaN(second)) return;
  const seen = { least: second - receivedAt, most: second + 1_000 - sentAt };
  const both = { least: Math.max(seen.least, ahead.least), most: Math.min(seen.most, ahead.most) };
  // They contradict each other when the browser's clock was set meanwhile; the last word counts.
  ahead = both.least <= both.most ? both : seen;
}

/** The server's time, in milliseconds since 1970; the browser's while nothing is known. */
export function serverNow() {
  return Date.now() + (Number.isFinite(ahead.least) ? (ahead.least + ahead.most) / 2 : 0);
}
