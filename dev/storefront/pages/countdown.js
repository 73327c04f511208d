/**
 * The time left until a moment, as `m:ss` or `h:mm:ss`. The last second is `0:01`.
 *
 * @param {number} until as hold-end.js returns it
 */
export function left(until) {
  const seconds = Math.max(0, Math.ceil(millisecondsLeft(until) / 1_000));
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (/** @type {number} */ part) => String(part).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** A time to be read out, such as `1 minute 30 seconds`. @param {number} seconds whole ones */
export function inWords(seconds) {
  const count = (/** @type {number} */ number, /** @type {string} */ unit) =>
    number === 0 ? [] : [`${number} ${unit}${number === 1 ? '' : 's'}`];
  return [...count(Math.floor(seconds / 60), 'minute'), ...count(seconds % 60, 'second')].join(' ');
}

/** @param {number} until as hold-end.js returns it */
export function millisecondsLeft(until) {
  return until - performance.now();
}

const tickMs = 200;

/**
 * Calls `tick` five times a second, so that no second is shown late. The time is computed from the clock with each tick: a
 * tab that slept is correct with the first one.
 *
 * @param {() => void} tick
 */
export function everyTick(tick) {
  setInterval(tick, tickMs);
  tick();
}

const announcedSeconds = [300, 60, 30, 10];

/**
 * The mark that has been passed, if any. Only a few seconds are read out.
 *
 * @param {number} beforeMs
 * @param {number} nowMs
 */
export function passedMark(beforeMs, nowMs) {
  return announcedSeconds.find((mark) => beforeMs > mark * 1_000 && nowMs <= mark * 1_000);
}
