import { byId, say } from './dom.js';

/** @typedef {{kind: 'message', subject: string, at: string, version?: number, status?: string, ticketId?: string, orderId?: string, malformed?: true}} Message */
/** @typedef {Message | {kind: 'start', run: string} | {kind: 'changed'} | {kind: 'broker', connected: boolean}} News */

const retryMs = 2_000;
/** @type {((news: News) => void)[]} */
const listeners = [];
/** @type {EventSource | undefined} */
let stream;
/** Which start of the demo this page is of. @type {string | undefined} */
let run;

/** Each connection begins with a `start`: what happened before it may not have been told. @param {(news: News) => void} listener */
export function onNews(listener) {
  listeners.push(listener);
}

/** Has news come in while the page can be seen, over one connection after the other. */
export function connect() {
  disconnect();
  // A browser has few connections for one host; the tabs that nobody sees leave them to the others.
  if (document.hidden) return;
  stream = new EventSource('/events');
  stream.onerror = () => {
    say(byId('connection'), 'The connection is lost. Trying again …');
    // It comes again by itself, unless it got an answer that is no stream.
    if (stream?.readyState === EventSource.CLOSED) setTimeout(connect, retryMs);
  };
  stream.onmessage = ({ data }) => {
    /** @type {News} */
    const news = JSON.parse(data);
    if (news.kind === 'broker') tellOfBroker(news.connected);
    if (news.kind === 'start') begin(news.run);
    for (const listener of listeners) listener(news);
  };
}

function disconnect() {
  stream?.close();
  stream = undefined;
}

document.addEventListener('visibilitychange', connect);

/** @param {boolean} connected */
function tellOfBroker(connected) {
  say(
    byId('connection'),
    connected ? '' : 'The message broker is away. You can order all the same; news follows when it is back.',
  );
}

/** @param {string} next */
function begin(next) {
  // The tickets and orders on the page are gone with the demo that they were of.
  if (run && run !== next) location.reload();
  run = next;
}
