import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Schema } from 'mongoose';
import { betweenReadAndSaveMs, lockOptimistically, openClassicDatabase } from './classic-documents.ts';
import { type ClassicPeer, connectClassicPeer } from './classic-peer.ts';
import type { ClassicServiceDeps } from './classic-tickets-service.ts';

interface Charge {
  id: string;
  orderId: string;
  userId: string;
  stripeId: string;
}

/** The response to a payment that is not taken. */
export interface RefusedPayment {
  refused: 400 | 401 | 404;
  message: string;
}

export interface ClassicPaymentsService {
  /** Takes the money for an order, with every call once more, and publishes `payment:created`. */
  pay(order: { orderId: string; userId: string }): Promise<Charge | RefusedPayment>;
  /** The latest charge for an order. */
  find(orderId: string): Promise<Charge | undefined>;
  charges(): readonly Charge[];
  peer: ClassicPeer;
  stop(): Promise<void>;
}

interface OrderRecord {
  _id: string;
  version: number;
  userId: string;
  price: number;
  status: string;
}

const orderSchema = new Schema<OrderRecord>(
  {
    _id: { type: String, required: true },
    userId: { type: String, required: true },
    price: { type: Number, required: true },
    status: { type: String, required: true, enum: ['created', 'awaiting:payment', 'complete', 'cancelled'] },
  },
  { versionKey: 'version' },
);
lockOptimistically(orderSchema);

/**
 * Stands in for the payments service of a classic marketplace: its own copy of every order, by id. An `order:created`
 * that comes again fails by its duplicate key, one with a status that is not in the enumeration by validation, and an
 * `order:cancelled` is for the version before it: what fails is not acknowledged. It knows no `order:refund-required`.
 */
export async function startClassicPaymentsService({
  broker,
  mongoUri,
}: ClassicServiceDeps): Promise<ClassicPaymentsService> {
  const database = await openClassicDatabase(mongoUri);
  const orders = database.model('Order', orderSchema);
  const peer = connectClassicPeer(broker, 'classic-payments');
  const charges: Charge[] = [];

  peer.listen('order:created', async ({ id, version, status, userId, ticket }) => {
    await orders.create({ _id: id, version, status, userId, price: ticket.price });
  });
  peer.listen('order:cancelled', async ({ id, version }) => {
    const order = await orders.findOne({ _id: id, version: version - 1 });
    if (!order) throw new Error('Order not found');
    await delay(betweenReadAndSaveMs);
    order.set({ status: 'cancelled' });
    await order.save();
  });

  return {
    async pay({ orderId, userId }) {
      const order = await orders.findById(orderId).lean();
      if (!order) return { refused: 404, message: 'Not Found' };
      if (order.userId !== userId) return { refused: 401, message: 'Not authorized' };
      if (order.status === 'cancelled') return { refused: 400, message: 'Cannot pay for a cancelled order' };
      const charge = { id: randomUUID(), orderId, userId, stripeId: `ch_${randomUUID().slice(0, 8)}` };
      charges.push(charge);
      const { id, stripeId } = charge;
      void peer.publish('payment:created', JSON.stringify({ id, orderId, stripeId }));
      return charge;
    },
    find: async (orderId) => charges.findLast((charge) => charge.orderId === orderId),
    charges: () => charges,
    peer,
    async stop() {
      await peer.stop();
      await database.close();
    },
  };
}
