import mongoose from 'mongoose';
import type { OrderRecord } from '../../src/orders/store/order-model.ts';
import { newId, placeOrder, signedIn, storeTicket } from '../support/buyer.ts';
import { type CrashingService, useCrashingServices } from '../support/crashing-service.ts';
import { eventually } from '../support/eventually.ts';

/** The service is killed before and after each write that a refund makes. */

const patient = { withinMs: 90_000 };
const startCrashing = useCrashingServices();

const stored = ({ database }: CrashingService, id: string) =>
  database.collection<OrderRecord>('orders').findOne({ _id: new mongoose.Types.ObjectId(id) });
const pay = ({ peer }: CrashingService, orderId: string, id = 'p1') =>
  peer.publish('payment:created', { id, orderId, stripeChargeId: `ch_${id}` });
const giveBack = ({ peer }: CrashingService, orderId: string, paymentId = 'p1') =>
  peer.publish('payment:refunded', { id: newId(), orderId, paymentId });
/** Resolves when that many payments are settled and nothing is left to be sent. */
const settles = (service: CrashingService, id: string, payments: number) =>
  eventually(async () => {
    const order = await stored(service, id);
    return order?.payments.length === payments && order.outbox.length === 0;
  }, patient);

/** A write: what comes before it, the message that causes it, and what is true only after it. */
interface Write {
  prepare: (service: CrashingService, id: string) => Promise<unknown>;
  send: (service: CrashingService, id: string) => Promise<void>;
  isWritten: (order: OrderRecord | null) => boolean;
  /** The events of the order in the end. */
  subjects: string[];
}

const writes: Record<string, Write> = {
  'the mark of a payment that is not known': {
    prepare: async () => undefined,
    send: giveBack,
    isWritten: (order) => order?.payments[0]?.refundCompletedAt !== undefined,
    subjects: ['order:created'],
  },
  'the charge of a payment that was given back before': {
    async prepare(service, id) {
      await giveBack(service, id);
      await settles(service, id, 1);
    },
    send: pay,
    isWritten: (order) => order?.payments[0]?.stripeChargeId !== undefined,
    subjects: ['order:created'],
  },
  'the completion of a refund': {
    async prepare(service, id) {
      await pay(service, id);
      await settles(service, id, 1);
      await pay(service, id, 'p2');
      await settles(service, id, 2);
    },
    send: (service, id) => giveBack(service, id, 'p2'),
    isWritten: (order) => order?.payments[1]?.refundCompletedAt !== undefined,
    subjects: ['order:created', 'order:paid', 'order:refund-required'],
  },
  'the cancellation of a paid order': {
    async prepare(service, id) {
      await pay(service, id);
      await settles(service, id, 1);
    },
    send: giveBack,
    isWritten: (order) => order?.status === 'cancelled',
    subjects: ['order:created', 'order:paid', 'order:cancelled'],
  },
};

const moments = [
  ['before', 'request'],
  ['after', 'reply'],
] as const;

test.each(
  Object.entries(writes).flatMap(([what, write]) =>
    moments.map(([moment, withhold]) => ({ what, moment, withhold, write })),
  ),
)(
  'When the service dies $moment $what, then the order is as before or after it, and the next service has it done once',
  async ({ withhold, write }) => {
    const service = await startCrashing();
    const ticketId = await storeTicket(service.database);
    const id = await placeOrder(service.url, ticketId, signedIn());
    await settles(service, id, 0);
    await write.prepare(service, id);
    const reached = service.proxies.database.stopAt({
      withhold,
      matches: (sent) =>
        sent.includes('update\0') &&
        sent.includes('lastChange') &&
        sent.includes(Buffer.from(id, 'hex').toString('latin1')),
    });
    await write.send(service, id);
    await reached;
    await service.crash();
    expect(write.isWritten(await stored(service, id))).toBe(withhold === 'reply');

    await service.restart();
    await eventually(async () => {
      const order = await stored(service, id);
      return write.isWritten(order) && order?.outbox.length === 0;
    }, patient);
    const order = await stored(service, id);
    expect(order?.history).toHaveLength((order?.version ?? 0) + 1);
    const seen = () => service.peer.seen.filter(({ data }) => data['id'] === id);
    await eventually(() => new Set(seen().map(({ data }) => data['eventId'])).size === write.subjects.length);
    expect(new Set(seen().map(({ subject }) => subject))).toEqual(new Set(write.subjects));
    const isFree = order?.status === 'cancelled';
    expect(order?.holdsTicket).toBe(isFree ? undefined : true);
  },
  180_000,
);
