/** @typedef {{reason: string, dueAt?: string, completedAt?: string}} Refund */
/** @typedef {import('./availability.js').Order & {history: {status: string, at: string, cause?: string}[], payments: {refund?: Refund}[]}} OrderDetail */
/** What the payments service says; `closesWithOrder`: it takes no payment for an order that has ended, and gives none back. @typedef {{state: 'none' | 'sent', closesWithOrder?: boolean}} Payment */

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
const takenBackHeadline = 'The seller has taken this ticket back';
const givenBackHeadline = 'Your money was given back';
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
  if (order.status === 'paid') return paid(order);
  const cause = order.history.at(-1)?.cause;
  if (cause === 'refund' || cause === 'operator') return takenBack(order, payment, cause);
  const refund = order.payments.at(-1)?.refund;
  if (refund) return refunded(order, refund);
  if (order.status === 'pending') return pending(order, payment, leftMs, canExtend);
  return ended(order, payment);
}

/** Whether the payments service has taken money that the orders service has not heard of. @param {OrderDetail} order @param {Payment} payment */
export function isPaymentOnItsWay({ payments }, { state }) {
  return state === 'sent' && payments.length === 0;
}

/** Whether the payments service has still to give money back, or to tell that it has. @param {OrderDetail} order */
export function isRefundOpen({ payments }) {
  return payments.some(({ refund }) => refund && !refund.completedAt);
}

/** @param {OrderDetail} order @param {Payment} payment @param {number} leftMs @param {boolean} canExtend @returns {Summary} */
function pending(order, payment, leftMs, canExtend) {
  const base = { badge: words.pending, state: 'held', next: others };
  if (isPaymentOnItsWay(order, payment)) {
    const text = 'Your payment is on its way. This page says so when it has arrived; there is nothing to do.';
    return { ...base, headline: 'Paying …', text, shown: { ...hidden, remaining: leftMs > 0 } };
  }
  if (leftMs <= 0) {
    return { ...base, headline: 'Your time is over', text: 'The hold is being ended …', shown: hidden };
  }
  const isNearlyOver = leftMs <= offerExtensionMs;
  const offer = canExtend
    ? 'Your time is nearly over. If you need longer to pay, ask for more time.'
    : 'No more time can be added: please pay before the clock is at 0:00.';
  return {
    ...base,
    headline: 'This ticket is held for you',
    text: isNearlyOver ? offer : 'Nobody else can buy it while the clock runs.',
    shown: { ...hidden, remaining: true, pay: true, extend: isNearlyOver && canExtend, cancel: true },
  };
}

/** @param {OrderDetail} order @returns {Summary} */
function paid(order) {
  const late = order.history.some(({ status }) => status === 'expired');
  const arrived = late
    ? 'Your payment came after your time was over, but nobody had taken the ticket meanwhile.'
    : 'Your payment has arrived.';
  const text = `${arrived} ${paidTwice(order)}Have a good time!`;
  const next = { href: '/orders', label: 'See your orders' };
  return { badge: words.paid, state: 'free', headline: 'The ticket is yours', text, next, shown: onward };
}

/** @param {OrderDetail} order */
function paidTwice(order) {
  if (!order.payments.some(({ refund }) => refund)) return '';
  return `You have paid more than once: what was too much ${isRefundOpen(order) ? 'comes back to you' : 'was given back'}. `;
}

/** Why a payment has bought nothing. @type {Record<string, string>} */
const whyRefunded = {
  order_cancelled: 'Your payment came after the order was cancelled.',
  order_expired: 'Your payment came after your time was over.',
  ticket_taken: 'Your payment came after your time was over, and somebody else had the ticket by then.',
  operator: 'Nobody can buy it any more, so your payment has bought nothing.',
  refunded: 'It was given back before it had bought the ticket.',
};

/** @param {OrderDetail} order @param {Refund} refund @returns {Summary} */
function refunded(order, { reason }) {
  const isOpen = isRefundOpen(order);
  // The order still waits for a payment when its ticket was taken from sale; its buyer need not.
  const badge = order.status !== 'pending' ? words[order.status] : isOpen ? 'Refund due' : 'Refunded';
  const tooLate = `Paid too late: ${isOpen ? 'your money comes back' : 'refunded'}`;
  const headline = { operator: takenBackHeadline, refunded: givenBackHeadline }[reason] ?? tooLate;
  const text = `${whyRefunded[reason] ?? ''} ${moneyBack(order)}`;
  return { badge, state: 'sold', headline, text, next: others, shown: onward };
}

/** @param {OrderDetail} order */
function moneyBack(order) {
  return isRefundOpen(order)
    ? 'You get all of your money back. There is nothing to do; this page says so when it is done.'
    : 'You have all of your money back.';
}

/** @param {OrderDetail} order @param {Payment} payment @param {'refund' | 'operator'} cause @returns {Summary} */
function takenBack(order, payment, cause) {
  const base = { badge: words[order.status], state: 'sold', next: others, shown: onward };
  if (cause === 'refund') {
    const text = `Your order has ended with that, and the ticket is not yours any more. ${moneyBack(order)}`;
    return { ...base, headline: givenBackHeadline, text };
  }
  const text = `Your order has ended, and the ticket is not yours any more. ${moneyOf(order, payment)}`;
  return { ...base, headline: takenBackHeadline, text };
}

/** What becomes of the money for an order that was taken back. @param {OrderDetail} order @param {Payment} payment */
function moneyOf(order, payment) {
  if (order.payments.length > 0) return moneyBack(order);
  return isPaymentOnItsWay(order, payment)
    ? 'Your payment is on its way, and all of it comes back to you.'
    : 'You have paid nothing, so there is nothing to give back.';
}

/** @param {OrderDetail} order @param {Payment} payment @returns {Summary} */
function ended(order, payment) {
  const next = { href: `/tickets/${order.ticketId}`, label: 'Back to the ticket' };
  const shown = { ...onward, demo: payment.state === 'none' && !payment.closesWithOrder };
  const base = { badge: words[order.status], state: 'sold', next, shown };
  if (isPaymentOnItsWay(order, payment)) {
    const back = payment.closesWithOrder ? 'ask for your money back' : 'you get all of your money back';
    const text = `Your payment is on its way. When it buys nothing any more, ${back}.`;
    return { ...base, headline: 'Paying …', text };
  }
  const again = 'You have paid nothing, and the ticket is free for others. You can try to get it again.';
  return order.status === 'cancelled'
    ? { ...base, headline: 'You have let it go', text: again }
    : { ...base, headline: 'Your hold has ended', text: `The time to pay is over. ${again}` };
}
