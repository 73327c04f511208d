import { randomUUID } from 'node:crypto';
import { orderEventSchemas } from '../../src/orders/domain/order-events.ts';
import { sleep } from '../../src/platform/time/repeat.ts';
import type { BrokerAddress } from '../embedded/embedded-server.ts';
import { parseJson } from './parse-json.ts';
import { connectPeer } from './peer.ts';

export interface Payment {
  id: string;
  orderId: string;
  userId: string;
  /** The money is taken and `payment:created` is published or will be; whether it is given back is told by the order. */
  state: 'sent';
}

export interface PaymentsService {
  /** Takes the money for an order, once: a second call returns the first payment. */
  pay(order: { orderId: string; userId: string }): Payment;
  find(orderId: string): Payment | undefined;
  stop(): Promise<void>;
}

export interface PaymentsServiceDeps {
  broker: BrokerAddress;
  /** From when it is asked to give money back until it tells that it has, in milliseconds. */
  refundsTakeMs: number;
}

/** Stands in for the payments service, over the real broker only: takes any payment, refunds what it is asked for, and tells so. */
export function startPaymentsService({ broker, refundsTakeMs }: PaymentsServiceDeps): PaymentsService {
  const peer = connectPeer(broker, 'payments');
  const payments = new Map<string, Payment>();
  const stopping = new AbortController();

  async function giveBack({ id: paymentId, orderId }: Payment): Promise<void> {
    await sleep(refundsTakeMs, stopping.signal);
    peer.send('payment:refunded', JSON.stringify({ id: randomUUID(), orderId, paymentId }));
  }

  peer.broker.subscribe('order:refund-required', async ({ data }) => {
    const refund = orderEventSchemas['order:refund-required'].safeParse(parseJson(data)).data;
    const payment = refund && payments.get(refund.orderId);
    if (payment) void giveBack(payment);
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
    stop() {
      stopping.abort();
      return peer.stop();
    },
  };
}
