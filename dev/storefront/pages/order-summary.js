/** @typedef {{reason: string, completedAt?: string}} Refund */
/** @typedef {import('./availability.js').Order & {history: {status: string, at: string, cause?: string}[], payments: {refund?: Refund}[]}} OrderDetail */
/** `closesWithOrder`: no payment is taken for an order that has ended, and none given back. @typedef {{state: 'none' | 'sent' | 'refunded', reason?: string, closesWithOrder?: boolean}} Payment */

/**
 * The content of an order's page: what has happened, what to do next, and which elements are shown.
 *
 * @typedef {object} Summary
 * @property {string} badge
 * @property {string} state of the badge
 * @property {string} headline
 * @property {string} text
 * @property {{href: string, label: string}} next
 * @property {Record<string, boolean>} shown by id
 */

const hidden = { remaining: false, pay: false, extend: false, cancel: false, demo: false, onward: false };
const onward = { ...hidden, onward: true };
const words = { pending: 'Awaiting payment', paid: 'Paid', cancelled: 'Cancelled', expired: 'Expired' };
const others = { href: '/', label: 'See the other tickets' };
/** More time is offered to whoever may need it. */
const offerExtensionMs = 60_000;

/**
 * @param {OrderDetail} order
 * @param {Payment} payment
 * @param {number} leftMs of the hold
 * @param {boolean} canExtend unless the service has said that no time can be added
 * @returns {Summary}
 */
export function summarize(order, payment, leftMs, canExtend) {
  if (order.status === 'pending') return pending(payment, leftMs, canExtend);
  if (order.status === 'paid') return paid(order);
  const cause = order.history.at(-1)?.cause;
  if (cause === 'refund' || cause === 'operator') return takenBack(order, cause);
  if (payment.state === 'refunded') return refunded(order, payment);
  return ended(order, payment);
}

/** @param {Payment} payment @param {number} leftMs @param {boolean} canExtend @returns {Summary} */
function pending(payment, leftMs, canExtend) {
  const base = { badge: words.pending, state: 'held', next: others };
  if (payment.state === 'sent') {
    const text = 'Your payment is on its way. This page says so when it has arrived; there is nothing to do.';
    return { ...base, headline: 'Paying …', text, shown: { ...hidden, remaining: leftMs > 0 } };
  }
  if (leftMs <= 0) {
    return { ...base, headline: 'Your time is over', text: 'The hold is being ended …', shown: hidden };
  }
  const isOffered = canExtend && leftMs <= offerExtensionMs;
  const text = isOffered
    ? 'Your time is nearly over. If you need longer to pay, ask for more time.'
    : 'Nobody else can buy it while the clock runs.';
  return {
    ...base,
    headline: 'This ticket is held for you',
    text,
    shown: { ...hidden, remaining: true, pay: true, extend: isOffered, cancel: true },
  };
}

/** @param {OrderDetail} order @returns {Summary} */
function paid(order) {
  const late = order.history.some(({ status }) => status === 'expired');
  const text = late
    ? 'Your payment came after your time was over, but nobody had taken the ticket meanwhile. Have a good time!'
    : 'Your payment has arrived. Have a good time!';
  const next = { href: '/orders', label: 'See your orders' };
  return { badge: words.paid, state: 'free', headline: 'The ticket is yours', text, next, shown: onward };
}

/** @param {OrderDetail} order @param {Payment} payment @returns {Summary} */
function refunded(order, payment) {
  const why =
    {
      ticket_taken: 'Your payment came after your time was over, and somebody else had the ticket by then.',
      order_expired: 'Your payment came after your time was over.',
    }[payment.reason ?? ''] ?? 'Your payment came after the order was cancelled.';
  return {
    badge: words[order.status],
    state: 'sold',
    headline: 'Paid too late: refunded',
    text: `${why} ${moneyBack(order)}`,
    next: others,
    shown: onward,
  };
}

/** Whether the payments service has still to give money back, or to tell that it has. @param {OrderDetail} order */
export function isRefundOpen({ payments }) {
  return payments.some(({ refund }) => refund && !refund.completedAt);
}

/** @param {OrderDetail} order */
function moneyBack(order) {
  return isRefundOpen(order) ? 'You get all of your money back.' : 'You have all of your money back.';
}

/** @param {OrderDetail} order @param {'refund' | 'operator'} cause @returns {Summary} */
function takenBack(order, cause) {
  const isPaidFor = order.payments.length > 0;
  const text =
    cause === 'refund'
      ? 'Your payment was given back, so the ticket is not yours any more.'
      : 'It is not for sale any more.';
  return {
    badge: words[order.status],
    state: 'sold',
    headline: cause === 'refund' ? 'Your money was given back' : 'The seller has taken this ticket back',
    text: isPaidFor ? `${text} ${moneyBack(order)}` : text,
    next: others,
    shown: onward,
  };
}

/** @param {OrderDetail} order @param {Payment} payment @returns {Summary} */
function ended(order, payment) {
  const next = { href: `/tickets/${order.ticketId}`, label: 'Back to the ticket' };
  const shown = { ...onward, demo: payment.state === 'none' && !payment.closesWithOrder };
  if (payment.state === 'sent') {
    const back = payment.closesWithOrder ? 'ask for your money back' : 'you get all of your money back';
    const text = `Your payment is on its way. When it buys nothing any more, ${back}.`;
    return { badge: words[order.status], state: 'sold', headline: 'Paying …', text, next, shown };
  }
  if (order.status === 'cancelled') {
    const text = 'The ticket is free for others. If you want it after all, purchase it again.';
    return { badge: words.cancelled, state: 'sold', headline: 'You have let it go', text, next, shown };
  }
  const text = 'The time to pay is over, and the ticket is free for others. You can try to get it again.';
  return { badge: words.expired, state: 'sold', headline: 'Your hold has ended', text, next, shown };
}
