import { request } from './api.js';
import { millisecondsLeft } from './countdown.js';
import { holdEnd } from './hold-end.js';
import { currentBuyer } from './session.js';
import { inOwnWords } from './status-words.js';

/** @typedef {{id: string, title: string, price: number, version: number, orderId: string | null, state: 'free' | 'held' | 'sold', holdSecondsLeft?: number}} Ticket */
/** @typedef {'pending' | 'paid' | 'cancelled' | 'expired'} Status */
/** @typedef {{id: string, status: Status, holdSecondsLeft: number, expiresAt: string, createdAt: string, ticketId: string, ticket: {title: string, price: number}}} Order */
/** `endsAt`: when the hold ends, as hold-end.js returns it. @typedef {Order & {endsAt: number}} OwnOrder */
/** @typedef {Ticket & {endsAt?: number}} ShownTicket */
/** `taken`: held or sold, and the tickets service does not know which. @typedef {{state: 'free' | 'held' | 'taken' | 'sold' | 'yours', until?: number}} Availability */

const money = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD', maximumFractionDigits: 0 });

/** @param {number} amount in the currency's major unit */
export function price(amount) {
  return money.format(amount);
}

/**
 * The order in our words, with the end of its hold. Call this when the response has arrived.
 *
 * @template {Order} Kind
 * @param {Kind} order
 * @returns {Kind & {endsAt: number}}
 */
export function withEnd(order) {
  return { ...inOwnWords(order), endsAt: holdEnd(`${order.id} ${order.expiresAt}`, order.holdSecondsLeft) };
}

/**
 * The same for a held ticket.
 *
 * @param {Ticket} ticket
 * @returns {ShownTicket}
 */
export function withHoldEnd(ticket) {
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
  const { body } = await request('GET', '/api/orders');
  /** @type {OwnOrder[]} */
  const orders = body.map(withEnd);
  const holding = orders.filter(({ status }) => status === 'pending' || status === 'paid');
  return new Map(holding.map((order) => [order.ticketId, order]));
}

/**
 * The availability of a ticket for this buyer at this moment. A hold that is past its end no longer counts, whatever the
 * last response said.
 *
 * @param {ShownTicket} ticket
 * @param {OwnOrder | undefined} own
 * @returns {Availability}
 */
export function availabilityOf(ticket, own) {
  if (own?.status === 'paid') return { state: 'yours' };
  if (own && millisecondsLeft(own.endsAt) > 0) return { state: 'yours', until: own.endsAt };
  if (ticket.state === 'sold') return { state: 'sold' };
  const { endsAt } = ticket;
  if (ticket.state === 'held' && endsAt === undefined) return { state: 'taken' };
  return endsAt !== undefined && millisecondsLeft(endsAt) > 0
    ? { state: 'held', until: endsAt }
    : { state: 'free' };
}
