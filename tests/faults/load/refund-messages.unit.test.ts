import { seenPayments, seenRefunds } from '../history/payments.ts';
import { randomFrom } from '../random.ts';
import { message } from '../rules/sample-history.ts';
import { allPayments } from './payment-messages.ts';
import { refundMessage } from './refund-messages.ts';

test('When a payment is given back, then the message names it and its order, in whatever forms', () => {
  const refunded = Array.from({ length: 200 }, (_, number) => {
    const write = allPayments(randomFrom(1, `payment ${number}`), {
      name: `${number}`,
      orderId: 'a'.repeat(24),
    });
    const messages = [
      message('payment:created', write(), 0),
      message('payment:refunded', refundMessage(write(), 're'), 5),
    ];
    const [payment] = seenPayments({ messages, poison: [] });
    const [refund] = seenRefunds({ messages, poison: [] });
    expect(refund).toMatchObject({ paymentId: payment?.id, orderId: payment?.orderId });
    return messages.map(({ text }) => text).join();
  });
  expect(refunded.filter((texts) => texts.includes('"paymentId":{"$oid":')).length).toBeGreaterThan(20);
});
