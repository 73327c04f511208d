import type { History } from '../history/history.ts';
import { changeEvent, drop, eventOf, findings, orderOf, required, testBreaches } from './changed-history.ts';
import { message } from './sample-history.ts';

function isPayment(id: string) {
  return ({ subject, text }: { subject: string; text: string }) =>
    subject === 'payment:created' && text.includes(`"id":"${id}"`);
}

/** Puts a payment's message in another form. */
function resend(history: History, id: string, change: object): void {
  const sent = required(history.messages.find(isPayment(id)));
  sent.text = JSON.stringify({ ...(JSON.parse(sent.text) as object), ...change });
}

testBreaches('money', [
  ['a refund never came', (history) => drop(history, ({ text }) => text.includes('a1:refund:p1'))],
  [
    'a payment that bought a ticket is given back, too',
    (history) => {
      const refund = { eventId: 'c1:refund:p4', orderId: 'c1', paymentId: 'p4' };
      const stripeChargeId = 'charge of p4';
      history.messages.push(message('order:refund-required', { ...refund, stripeChargeId }, 8_000));
    },
  ],
  [
    'a payment is given back twice',
    (history) => {
      const again = { orderId: 'a1', paymentId: 'p1', stripeChargeId: 'charge of p1' };
      const eventId = 'a1:refund:other';
      history.messages.push(message('order:refund-required', { ...again, eventId }, 8_000));
    },
  ],
  [
    'a payment buys two tickets',
    (history) => {
      const { payments } = orderOf(history, 'c1');
      required(payments[0]).id = 'p2';
    },
  ],
  [
    'a payment in two forms is taken for two',
    (history) => {
      history.messages.push(message('payment:created', { id: { $oid: 'p2' }, orderId: 'a2' }, 4_100));
      changeEvent(history, 'c1:refund:p5', { paymentId: 'p2', orderId: 'a2' });
    },
  ],
  ['a payment is given back that nobody reported', (history) => drop(history, isPayment('p1'))],
  ['a payment buys that nobody reported', (history) => drop(history, isPayment('p2'))],
  [
    'a payment is given back for another order',
    (history) => changeEvent(history, 'a1:refund:p1', { orderId: 'a2' }),
  ],
  ['a payment buys another order', (history) => resend(history, 'p2', { orderId: 'a1' })],
  [
    'a refund does not name the charge that came',
    (history) => {
      const event = eventOf(history, 'a1:refund:p1');
      event.text = event.text.replace('"stripeChargeId":"charge of p1",', '');
    },
  ],
  [
    'a refund names another charge',
    (history) => resend(history, 'p1', { stripeChargeId: null, stripeId: 'other', chargeId: 'charge of p1' }),
  ],
  [
    'a refund names a charge although none came',
    (history) => resend(history, 'p1', { stripeChargeId: undefined }),
  ],
]);

const forms: [string, (history: History) => void][] = [
  [
    'under other names',
    (history) => {
      resend(history, 'p1', { stripeChargeId: undefined, stripeId: 'charge of p1', chargeId: 'ignored' });
      resend(history, 'p3', { stripeChargeId: null, chargeId: { $oid: 'charge of p3' } });
    },
  ],
  [
    'with ids in other forms, and again',
    (history) => {
      history.messages.push({ ...required(history.messages.find(isPayment('p1'))), sequence: 98 });
      resend(history, 'p1', { id: { $oid: 'p1' }, orderId: { $oid: 'a1' } });
    },
  ],
  [
    'by a number and without a charge',
    (history) => {
      resend(history, 'p1', { id: 1, stripeChargeId: undefined });
      const payment = required(orderOf(history, 'a1').payments[0]);
      payment.id = '1';
      delete payment.stripeChargeId;
      const event = eventOf(history, 'a1:refund:p1');
      const { stripeChargeId: _, ...data } = JSON.parse(event.text) as Record<string, unknown>;
      event.text = JSON.stringify({ ...data, eventId: 'a1:refund:1', paymentId: '1' });
    },
  ],
];

test.each(forms)('When a payment is reported %s, then no rule finds anything', (_, change) => {
  expect(findings(change)).toEqual([]);
});
