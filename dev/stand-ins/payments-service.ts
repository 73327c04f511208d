import { randomUUID } from 'node:crypto';
import { orderEventSchemas } from '../../src/orders/domain/order-events.ts';
import type { BrokerAddress } from '../embedded/embedded-server.ts';
import { parseJson } from './parse-json.ts';
import { connectPeer } from './peer.ts';

export interface Payment {
  id: string;
  orderId: string;
  userId: string;
  /** `sent`: the money is taken and `payment:created` is published or will be. */
  state: 'sent' | 'refunded';
  /** Why it was refunded. */
  reason?: string;
}

export interface PaymentsService {
  /** Takes the money for an order, once: a second call returns the first payment. */
  pay(order: { orderId: string; userId: string }): Payment;
  find(orderId: string): Payment | undefined;
  stop(): Promise<void>;
}

export interface PaymentsServiceDeps {
  broker: BrokerAddress;
  /** Called when a payment was refunded. */
  onChange: () => void;
}

/** Stands in for the payments service, over the real broker only: takes any payment, refunds what it is asked for, and tells so. */
export function startPaymentsService({ broker, onChange }: PaymentsServiceDeps): PaymentsService {
  const peer = connectPeer(broker, 'payments');
  const payments = new Map<string, Payment>();

  peer.broker.subscribe('order:refund-required', async ({ data }) => {
    const refund = orderEventSchemas['order:refund-required'].safeParse(parseJson(data)).data;
    const payment = refund && payments.get(refund.orderId);
    if (!payment) return 'acknowledge';
    Object.assign(payment, { state: 'refunded', reason: refund.reason });
    const { id: paymentId, orderId } = payment;
    peer.send('payment:refunded', JSON.stringify({ id: randomUUID(), orderId, paymentId }));
    onChange();
    return 'acknowledge';
  });

  return {
    pay({ orderId, userId }) {
      const known = payments.get(orderId);
      if (known) return known;
      const payment: Payment = { id: randomUUID(), orderId, userId, state: 'sent' };
      payments.set(orderId, payment);
      const { id } = payment;
      peer.send('payment:created', JSON.stringify({ id, orderId, stripeChargeId: `ch_${id.slice(0, 8)}` }));
      return payment;
    },
    find: (orderId) => payments.get(orderId),
    stop: () => peer.stop(),
  };
}
