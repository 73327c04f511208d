import { HttpError } from './api.js';
import { notice } from './dom.js';
import { connect, onFeedEvent } from './live-events.js';

const settleMs = 80;
const retryMs = 2_000;
/** @type {() => Promise<void>} */
let refresh;
let running = false;
let requested = false;
let failing = false;
let dueAt = Number.POSITIVE_INFINITY;
/** @type {ReturnType<typeof setTimeout>} */
let timer;

/**
 * Calls `refreshPage` now, after every change, and when the page becomes visible again. Only one call runs at a time; a
 * change during it causes one more. A call that fails is repeated.
 *
 * @param {() => Promise<void>} refreshPage
 */
export function startAutoRefresh(refreshPage) {
  refresh = refreshPage;
  onFeedEvent(({ kind }) => kind !== 'broker' && refreshSoon());
  connect();
  refreshSoon(0);
}

/** Refreshes the page after so many milliseconds, or earlier when an earlier call has asked for that. */
export function refreshSoon(afterMs = settleMs) {
  // Not the wall clock, which may be set back.
  const at = performance.now() + afterMs;
  if (at >= dueAt) return;
  clearTimeout(timer);
  dueAt = at;
  timer = setTimeout(runOnce, afterMs);
}

async function runOnce() {
  dueAt = Number.POSITIVE_INFINITY;
  if (running) {
    requested = true;
    return;
  }
  running = true;
  requested = false;
  const shouldRetry = await attempt();
  running = false;
  if (requested) refreshSoon();
  else if (shouldRetry) refreshSoon(retryMs);
}

/**
 * Shows a failure, and removes it with the next success.
 *
 * @returns {Promise<boolean>} whether another attempt may succeed
 */
async function attempt() {
  try {
    await refresh();
    if (failing) notice('');
    failing = false;
    return false;
  } catch (problem) {
    failing = true;
    notice(problem);
    return problem instanceof HttpError && isTemporary(problem.status);
  }
}

/** @param {number} status */
function isTemporary(status) {
  return status === 0 || status === 429 || status >= 500;
}
