import { ask } from './api.js';
import { millisecondsLeft } from './countdown.js';
import { holdEnd } from './hold-ends.js';
import { currentBuyer } from './session.js';

/** @typedef {{id: string, title: string, price: number, version: number, orderId: string | null, state: 'free' | 'held' | 'sold', holdSecondsLeft?: number}} Ticket */
/** @typedef {{id: string, status: 'pending' | 'paid' | 'cancelled' | 'expired', holdSecondsLeft: number, expiresAt: string, createdAt: string, ticketId: string, ticket: {title: string, price: number}}} Order */
/** When the hold is over, as hold-ends.js tells it: `endsAt`. @typedef {Order & {endsAt: number}} OwnOrder */
/** @typedef {Ticket & {endsAt?: number}} ShownTicket */
/** @typedef {{state: 'free' | 'held' | 'sold' | 'yours', until?: number}} Standing */

const money = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD', maximumFractionDigits: 0 });

/** @param {number} amount in the currency's major unit */
export function price(amount) {
  return money.format(amount);
}

/**
 * The order, with when its hold ends. To be called when its answer has come.
 *
 * @template {Order} Kind
 * @param {Kind} order
 * @returns {Kind & {endsAt: number}}
 */
export function withEnd(order) {
  return { ...order, endsAt: holdEnd(`${order.id} ${order.expiresAt}`, order.holdSecondsLeft) };
}

/**
 * The same for a ticket that somebody holds.
 *
 * @param {Ticket} ticket
 * @returns {ShownTicket}
 */
export function withHoldersEnd(ticket) {
  const { id, orderId, holdSecondsLeft } = ticket;
  return holdSecondsLeft === undefined
    ? ticket
    : { ...ticket, endsAt: holdEnd(`${id} ${orderId}`, holdSecondsLeft) };
}

/**
 * The signed-in buyer's latest orders, by the ticket that they hold.
 *
 * @returns {Promise<Map<string, OwnOrder>>}
 */
export async function ownHolds() {
  if (!currentBuyer()) return new Map();
  const { body } = await ask('GET', '/api/orders');
  const holding = body.filter((/** @type {Order} */ { status }) => status === 'pending' || status === 'paid');
  return new Map(holding.map((/** @type {Order} */ order) => [order.ticketId, withEnd(order)]));
}

/**
 * How a ticket stands for this buyer at this moment. A hold that is past its time holds nothing back, whatever has
 * been heard of it.
 *
 * @param {ShownTicket} ticket
 * @param {OwnOrder | undefined} own
 * @returns {Standing}
 */
export function standingOf(ticket, own) {
  if (own?.status === 'paid') return { state: 'yours' };
  if (own && millisecondsLeft(own.endsAt) > 0) return { state: 'yours', until: own.endsAt };
  if (ticket.state === 'sold') return { state: 'sold' };
  const { endsAt } = ticket;
  return endsAt !== undefined && millisecondsLeft(endsAt) > 0
    ? { state: 'held', until: endsAt }
    : { state: 'free' };
}
