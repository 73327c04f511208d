import { byId, make, say } from './dom.js';

/** @typedef {import('./live-events.js').Message} Message */

const maxEntries = 60;
/** Payments and refunds contain only their order's id, and may arrive before its events. @type {Map<string, string>} */
const ticketOfOrder = new Map();

export function clearLog() {
  byId('log').replaceChildren();
}

/** Shows a message above the earlier ones. @param {Message} message */
export function logMessage(message) {
  const { subject, at, version, ticketId, orderId, malformed } = message;
  if (orderId && ticketId) ticketOfOrder.set(orderId, ticketId);
  const family = malformed ? 'bad' : (subject.split(':')[0] ?? '');
  const entry = make(
    'li',
    { class: 'entry', 'data-family': family },
    make('time', { datetime: at, class: 'meta' }, new Date(at).toLocaleTimeString([], { hourCycle: 'h23' })),
    make('code', {}, subject),
    make('span', { class: 'version' }, version === undefined ? '' : `v${version}`),
    make('span', { class: 'about meta', 'data-about': ticketId ?? orderId ?? '' }),
    make('span', { class: 'extra meta' }, remark(message)),
  );
  const log = byId('log');
  log.prepend(entry);
  while (log.children.length > maxEntries) log.lastElementChild?.remove();
}

/** @param {Message} message */
function remark({ malformed, status, orderId }) {
  if (malformed) return 'malformed';
  return status ?? (orderId ? `order …${orderId.slice(-4)}` : '');
}

/** Shows the tickets' titles beside the messages, as far as they are known. @param {Map<string, string>} titles */
export function nameTickets(titles) {
  for (const cell of document.querySelectorAll('[data-about]')) {
    const about = cell.getAttribute('data-about') ?? '';
    say(cell, titles.get(ticketOfOrder.get(about) ?? about) ?? '');
  }
}
