import { byId, say } from './dom.js';

/** @typedef {{kind: 'message', subject: string, at: string, version?: number, status?: string, ticketId?: string, orderId?: string, malformed?: true}} Message */
/** @typedef {Message | {kind: 'start', run: string} | {kind: 'changed'} | {kind: 'broker', connected: boolean}} FeedEvent */

const retryMs = 2_000;
/** @type {((event: FeedEvent) => void)[]} */
const listeners = [];
/** @type {EventSource | undefined} */
let stream;
/** The start of the demo that this page belongs to. @type {string | undefined} */
let run;

/** Each connection begins with a `start`: events before it may be missing. @param {(event: FeedEvent) => void} listener */
export function onFeedEvent(listener) {
  listeners.push(listener);
}

/** Receives events while the page is visible, and connects again when a connection is lost. */
export function connect() {
  disconnect();
  // A browser has few connections for one host: hidden tabs leave them to the others.
  if (document.hidden) return;
  stream = new EventSource('/events');
  stream.onerror = () => {
    say(byId('connection'), 'The connection is lost. Trying again …');
    // It reconnects by itself, unless the response was no stream.
    if (stream?.readyState === EventSource.CLOSED) setTimeout(connect, retryMs);
  };
  stream.onmessage = ({ data }) => {
    /** @type {FeedEvent} */
    const event = JSON.parse(data);
    if (event.kind === 'broker') showBroker(event.connected);
    if (event.kind === 'start') begin(event.run);
    for (const listener of listeners) listener(event);
  };
}

function disconnect() {
  stream?.close();
  stream = undefined;
}

document.addEventListener('visibilitychange', connect);

/** @param {boolean} connected */
function showBroker(connected) {
  say(
    byId('connection'),
    connected ? '' : 'The message broker is away. You can order all the same; news follows when it is back.',
  );
}

/** @param {string} next */
function begin(next) {
  // A new demo has other tickets and orders than the page shows.
  if (run && run !== next) location.reload();
  run = next;
}
