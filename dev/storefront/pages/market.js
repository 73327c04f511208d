import { ask } from './api.js';
import { millisecondsLeft } from './countdown.js';
import { currentBuyer } from './session.js';

/** @typedef {{id: string, title: string, price: number, version: number, orderId: string | null, state: 'free' | 'held' | 'sold', heldUntil?: string}} Ticket */
/** @typedef {{id: string, status: 'pending' | 'paid' | 'cancelled' | 'expired', expiresAt: string, createdAt: string, ticketId: string, ticket: {title: string, price: number}}} Order */
/** @typedef {{state: 'free' | 'held' | 'sold' | 'yours', until?: string}} Standing */

const money = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD', maximumFractionDigits: 0 });

/** @param {number} amount in the currency's major unit */
export function price(amount) {
  return money.format(amount);
}

/**
 * The signed-in buyer's latest orders, by the ticket that they hold.
 *
 * @returns {Promise<Map<string, Order>>}
 */
export async function ownHolds() {
  if (!currentBuyer()) return new Map();
  const { body } = await ask('GET', '/api/orders');
  const holding = body.filter((/** @type {Order} */ { status }) => status === 'pending' || status === 'paid');
  return new Map(holding.map((/** @type {Order} */ order) => [order.ticketId, order]));
}

/**
 * How a ticket stands for this buyer at this moment. A hold that is past its time holds nothing back, whatever has
 * been heard of it.
 *
 * @param {Ticket} ticket
 * @param {Order | undefined} own
 * @returns {Standing}
 */
export function standingOf(ticket, own) {
  if (own?.status === 'paid') return { state: 'yours' };
  if (own && millisecondsLeft(own.expiresAt) > 0) return { state: 'yours', until: own.expiresAt };
  if (ticket.state === 'sold') return { state: 'sold' };
  const { heldUntil } = ticket;
  return heldUntil && millisecondsLeft(heldUntil) > 0
    ? { state: 'held', until: heldUntil }
    : { state: 'free' };
}
