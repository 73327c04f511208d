import { seenPayments } from '../history/payments.ts';
import { randomFrom } from '../random.ts';
import { message } from '../rules/sample-history.ts';
import { allPayments, type MakePayment, paymentsOfRelease01 } from './payment-messages.ts';

const orderId = 'a'.repeat(24);

/** Three messages of each of 200 payments. */
function written(make: MakePayment): string[][] {
  return Array.from({ length: 200 }, (_, number) => {
    const write = make(randomFrom(1, `payment ${number}`), { name: String(number), orderId });
    return [write(), write(), write()];
  });
}

function read(texts: string[]) {
  const messages = texts.map((text) => message('payment:created', text, 0));
  return seenPayments({ messages, poison: [] });
}

test('When a payment is written several times, then it is the same one in other forms, and no other is', () => {
  const payments = written(allPayments);
  for (const texts of payments) {
    const [first, ...others] = read(texts);
    expect(others).toEqual([first, first]);
    expect(first?.orderId).toBe(orderId);
  }
  const ids = payments.map((texts) => read(texts)[0]?.id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(payments.filter((texts) => new Set(texts).size > 1).length).toBeGreaterThan(100);
});

test('When payments are written, then every form of an id and every name of a charge comes up', () => {
  const texts = written(allPayments).flat();
  const having = (pattern: RegExp) => texts.filter((text) => pattern.test(text)).length;
  expect(having(/^\{"id":\d+,/)).toBeGreaterThan(20);
  expect(having(/^\{"id":"\d+",/)).toBeGreaterThan(20);
  expect(having(/^\{"id":\{"\$oid":/)).toBeGreaterThan(20);
  expect(having(/"orderId":\{"\$oid":/)).toBeGreaterThan(20);
  for (const name of ['stripeChargeId', 'stripeId', 'chargeId']) {
    expect(having(new RegExp(`"${name}":["{]`))).toBeGreaterThan(20);
  }
  expect(having(/"stripeChargeId":null/)).toBeGreaterThan(20);
  expect(texts.filter((text) => !/charge|stripe/i.test(text)).length).toBeGreaterThan(20);
});

test('When release 0.1 is to understand payments, then they have the one form that it knows', () => {
  for (const texts of written(paymentsOfRelease01)) {
    for (const text of texts) {
      const [id, stripeChargeId] = [/^pay-/, /^ch_/].map((form) => expect.stringMatching(form) as string);
      expect(JSON.parse(text)).toEqual({ id, orderId, stripeChargeId });
    }
  }
});
