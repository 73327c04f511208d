/**
 * What is left until a moment, as `m:ss` or `h:mm:ss`. The last second is `0:01`.
 *
 * @param {number} until as hold-ends.js tells it
 */
export function left(until) {
  const seconds = Math.max(0, Math.ceil(millisecondsLeft(until) / 1_000));
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (/** @type {number} */ part) => String(part).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** @param {number} until as hold-ends.js tells it */
export function millisecondsLeft(until) {
  return until - performance.now();
}

const tickMs = 200;

/**
 * Calls `tick` five times a second, so that no second of the server's is shown late. It is computed anew from the
 * clock each time: a tab that slept is right with the first tick.
 *
 * @param {() => void} tick
 */
export function everyTick(tick) {
  setInterval(tick, tickMs);
  tick();
}

const spoken = [300, 60, 30, 10];

/**
 * Which of the few marks has been passed that are worth reading out; most seconds are not.
 *
 * @param {number} beforeMs
 * @param {number} nowMs
 */
export function passedMark(beforeMs, nowMs) {
  return spoken.find((mark) => beforeMs > mark * 1_000 && nowMs <= mark * 1_000);
}
