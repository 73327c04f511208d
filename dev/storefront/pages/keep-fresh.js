import { Refused } from './api.js';
import { notice } from './dom.js';
import { connect, onNews } from './live.js';

const settleMs = 80;
const retryMs = 2_000;
/** @type {() => Promise<void>} */
let refresh;
let running = false;
let wanted = false;
let failing = false;
let dueAt = Number.POSITIVE_INFINITY;
/** @type {ReturnType<typeof setTimeout>} */
let timer;

/**
 * Calls `refreshPage` now, whenever something has changed, and when the page is looked at again after a while. One
 * call at a time; what happens meanwhile leads to one more. A call that fails is repeated.
 *
 * @param {() => Promise<void>} refreshPage
 */
export function keepFresh(refreshPage) {
  refresh = refreshPage;
  onNews(({ kind }) => kind !== 'broker' && refreshSoon());
  connect();
  refreshSoon(0);
}

/** Has the page refreshed after so many milliseconds, in which more news may come; an earlier wish goes first. */
export function refreshSoon(afterMs = settleMs) {
  // Not by the wall clock, which may be set back.
  const wished = performance.now() + afterMs;
  if (wished >= dueAt) return;
  clearTimeout(timer);
  dueAt = wished;
  timer = setTimeout(runOnce, afterMs);
}

async function runOnce() {
  dueAt = Number.POSITIVE_INFINITY;
  if (running) {
    wanted = true;
    return;
  }
  running = true;
  wanted = false;
  const comeAgain = await attempt();
  running = false;
  if (wanted) refreshSoon();
  else if (comeAgain) refreshSoon(retryMs);
}

/**
 * Shows a failure, and takes it away with the next success.
 *
 * @returns {Promise<boolean>} whether another attempt may go better
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
    return problem instanceof Refused && mayPass(problem.status);
  }
}

/** @param {number} status */
function mayPass(status) {
  return status === 0 || status === 429 || status >= 500;
}
