import { Refused } from './api.js';
import { byId, notice, say } from './dom.js';
import { forgetTime } from './server-clock.js';

/** @typedef {{kind: 'message', subject: string, at: string, version?: number, status?: string, ticketId?: string, orderId?: string, malformed?: true}} Message */
/** @typedef {Message | {kind: 'start', run: string} | {kind: 'changed'} | {kind: 'broker', connected: boolean}} News */

/** @type {((news: News) => void)[]} */
const listeners = [];
/** @type {EventSource | undefined} */
let stream;
/** @type {(() => void) | undefined} */
let refreshPage;
/** Which start of the demo this page is of. @type {string | undefined} */
let run;

const settleMs = 80;
const retryMs = 2_000;

/** @param {(news: News) => void} listener */
export function onNews(listener) {
  listeners.push(listener);
}

/**
 * Calls `refresh` now, whenever something has changed, and when the page is looked at again after a while. One call
 * at a time; what happens meanwhile leads to one more. A call that fails is repeated.
 *
 * @param {() => Promise<void>} refresh
 */
export function keepFresh(refresh) {
  let running = false;
  let wanted = false;
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  let dueAt = Number.POSITIVE_INFINITY;

  async function runOnce() {
    dueAt = Number.POSITIVE_INFINITY;
    if (running) {
      wanted = true;
      return;
    }
    running = true;
    wanted = false;
    const comeAgain = await attempt(refresh);
    running = false;
    if (wanted) soon();
    else if (comeAgain) soon(retryMs);
  }

  function soon(afterMs = settleMs) {
    // Not by the wall clock, which may be set back: the earliest wish decides.
    const wished = performance.now() + afterMs;
    if (wished >= dueAt) return;
    clearTimeout(timer);
    dueAt = wished;
    timer = setTimeout(runOnce, afterMs);
  }

  refreshPage = soon;
  onNews(({ kind }) => kind !== 'broker' && soon());
  connect();
  soon(0);
}

let failing = false;

/**
 * Shows a failure, and takes it away with the next success.
 *
 * @param {() => Promise<void>} refresh
 * @returns {Promise<boolean>} whether another attempt may go better
 */
async function attempt(refresh) {
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

/** Something that the page shows was changed by the page itself. */
export function refreshSoon() {
  refreshPage?.();
}

function connect() {
  if (stream) return;
  stream = new EventSource('/events');
  stream.onerror = () => {
    say(byId('connection'), 'The connection is lost. Trying again …');
    // It comes again by itself, unless it got an answer that is no stream.
    if (stream?.readyState === EventSource.CLOSED) setTimeout(reconnect, retryMs);
  };
  stream.onmessage = ({ data }) => {
    /** @type {News} */
    const news = JSON.parse(data);
    if (news.kind === 'broker') tellOfBroker(news.connected);
    if (news.kind === 'start') begin(news.run);
    for (const listener of listeners) listener(news);
  };
}

function reconnect() {
  stream?.close();
  stream = undefined;
  if (!document.hidden) connect();
}

/** @param {string} next */
function begin(next) {
  // The tickets and orders on the page are gone with the demo that they were of.
  if (run && run !== next) location.reload();
  run = next;
}

/** @param {boolean} connected */
function tellOfBroker(connected) {
  say(
    byId('connection'),
    connected ? '' : 'The message broker is away. You can order all the same; news follows when it is back.',
  );
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden) {
    // A browser has few connections for one host; the tabs that nobody sees leave them to the others.
    stream?.close();
    stream = undefined;
    return;
  }
  forgetTime();
  connect();
  refreshSoon();
});
