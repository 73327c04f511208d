import { type Connection, type HydratedDocument, Schema } from 'mongoose';
import type { Stan } from 'node-nats-streaming';
import { isDuplicateKey, type KnownOrder, keepNewest } from './keep-newest.ts';
import { listen, type OrderEvent, publish } from './listen.ts';

/**
 * A small payments service beside the orders service: it charges for an order, and gives back what bought nothing.
 * docs/peers.md says why each part is there.
 */

/** The payment provider. The same key again must have no further effect; Stripe keeps a key for a day at the least. */
export interface Provider {
  /** `amount` in the currency's minor unit. Resolves with the charge's id. */
  charge(request: { amount: number; token: string; idempotencyKey: string }): Promise<string>;
  /** Gives all of a charge back. Resolves, too, when that was done before, also by hand (Stripe: `charge_already_refunded`). */
  refund(request: { chargeId: string; idempotencyKey: string }): Promise<void>;
}

interface PayableOrder extends KnownOrder {
  userId: string;
  state: 'pending' | 'paid' | 'over';
  /** Absent while only the order's end is known. */
  price?: number;
}

const orderSchema = new Schema<PayableOrder>({
  _id: String,
  version: { type: Number, required: true },
  userId: { type: String, required: true },
  state: { type: String, required: true },
  price: Number,
});

interface Payment {
  orderId: string;
  stripeId: string;
  /** False until the broker has `payment:created`. */
  published: boolean;
  refundedAt?: Date;
}

const paymentSchema = new Schema<Payment>({
  orderId: { type: String, required: true },
  stripeId: { type: String, required: true, unique: true },
  published: { type: Boolean, required: true },
  refundedAt: Date,
});

interface RefundRequired {
  /** Stays the same however often the event comes. */
  eventId: string;
  orderId: string;
  paymentId: string;
  /** What your `payment:created` named as the charge; absent where it named none. */
  stripeChargeId?: string;
}

/** By subject and not by `status`: what the statuses are called is a setting of the orders service. */
const states = { 'order:created': 'pending', 'order:paid': 'paid', 'order:cancelled': 'over' } as const;
const queueGroup = 'payments-service';

export interface PaymentsServiceDeps {
  connection: Connection;
  stan: Stan;
  provider: Provider;
}

export async function startPaymentsService({ connection, stan, provider }: PaymentsServiceDeps) {
  const orders = connection.model('Order', orderSchema);
  const payments = connection.model('Payment', paymentSchema);
  await payments.createIndexes();

  /** One for each charge: the index decides when one click comes twice at once. */
  async function storePayment(orderId: string, stripeId: string): Promise<HydratedDocument<Payment>> {
    try {
      return await payments.create({ orderId, stripeId, published: false });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return payments.findOne({ stripeId }).orFail();
    }
  }

  async function publishPayment(payment: HydratedDocument<Payment>): Promise<void> {
    const { id, orderId, stripeId } = payment;
    await publish(stan, 'payment:created', { id, orderId, stripeId });
    await payments.updateOne({ _id: id }, { published: true });
  }

  async function giveBack({ eventId, orderId, paymentId, stripeChargeId }: RefundRequired): Promise<void> {
    const payment = await payments.findById(paymentId);
    if (!payment?.refundedAt) {
      const stripeId = stripeChargeId ?? payment?.stripeId;
      if (!stripeId) return console.error(`no charge is known of payment ${paymentId}: look it up by hand`);
      // Two deliveries may both get here, or a process may end before the next line: the key makes it one refund.
      await provider.refund({ chargeId: stripeId, idempotencyKey: eventId });
      const known = { $setOnInsert: { orderId, stripeId, published: true } };
      await payments.updateOne({ _id: paymentId }, { refundedAt: new Date(), ...known }, { upsert: true });
    }
    // Each time: the process before may have ended right here, and a reminder asks whether it was done.
    await publish(stan, 'payment:refunded', { id: eventId, orderId, paymentId });
  }

  for (const subject of ['order:created', 'order:paid', 'order:cancelled'] as const) {
    await listen<OrderEvent>({
      ...{ stan, subject, queueGroup },
      onMessage: ({ id, version, userId, ticket: { price } }) =>
        keepNewest(orders, {
          ...{ _id: id, version, userId, state: states[subject] },
          ...(price !== undefined && { price }),
        }),
    });
  }
  await listen<RefundRequired>({ stan, subject: 'order:refund-required', queueGroup, onMessage: giveBack });
  // What a process that ended has charged and not published.
  for (const payment of await payments.find({ published: false })) await publishPayment(payment);

  return {
    /** Charges a buyer for an order. The same token again finds the first charge. */
    async pay({ orderId, userId, token }: { orderId: string; userId: string; token: string }) {
      const order = await orders.findById(orderId);
      if (order?.price === undefined || order.userId !== userId) return 'order_not_found';
      if (order.state !== 'pending') return 'refused';
      const amount = Math.round(order.price * 100);
      const stripeId = await provider.charge({ amount, token, idempotencyKey: `${orderId}:${token}` });
      const payment = await storePayment(orderId, stripeId);
      await publishPayment(payment);
      return 'paid';
    },
  };
}
