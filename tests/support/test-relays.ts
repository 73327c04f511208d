import pino from 'pino';
import type { Order } from '../../src/orders/domain/order.ts';
import * as transitions from '../../src/orders/domain/transitions.ts';
import { orderCollection } from '../../src/orders/store/order-indexes.ts';
import { type OrderModel, orderModel } from '../../src/orders/store/order-model.ts';
import { createOrderStore, type OrderStore } from '../../src/orders/store/order-store.ts';
import { createOutboxStore, type OutboxStore } from '../../src/orders/store/outbox-store.ts';
import type { OutboxNotifier } from '../../src/outbox/outbox-notifier.ts';
import type { PublishReport } from '../../src/outbox/outbox-publisher.ts';
import { createRelay, type Relay } from '../../src/outbox/relay.ts';
import { sweepLeaseName } from '../../src/outbox/sweep-lease.ts';
import { ensureIndexes } from '../../src/platform/mongo/indexes.ts';
import { createLease } from '../../src/platform/mongo/lease-store.ts';
import { createRetrySchedule } from '../../src/platform/time/retry-schedule.ts';
import { ticketModel } from '../../src/tickets/store/ticket-model.ts';
import { newId } from './buyer.ts';
import { eventually } from './eventually.ts';
import { openDatabase, testConfig } from './running-service.ts';

const log = pino({ level: 'silent' });

/** The outboxes of a database of the test file's own, empty before each test, whose relays go by a clock that tests turn. */
class TestRelays {
  now = new Date();
  model!: OrderModel;
  outboxes!: OutboxStore;

  /** A broker that records what it is given, a relay that uses it and a store that hands over to the relay. */
  fakeStack({ store = this.outboxes, connected = true }: { store?: OutboxStore; connected?: boolean } = {}) {
    const calls: string[] = [];
    const listeners: (() => void)[] = [];
    const broker = {
      connected,
      answer: (_eventId: string): Promise<void> => Promise.resolve(),
      isConnected: (): boolean => broker.connected,
      onConnect: (listener: () => void): void => void listeners.push(listener),
      /** As if a connection had just been made. */
      connect(): void {
        for (const listener of listeners) listener();
      },
      publish(_subject: string, message: string): Promise<void> {
        const { eventId } = JSON.parse(message) as { eventId: string };
        calls.push(eventId);
        return broker.answer(eventId);
      },
    };
    const published: PublishReport[] = [];
    const onPublish = (publication: PublishReport) => void published.push(publication);
    const sweepLease = createLease(this.model.db, sweepLeaseName);
    const clock = () => this.now;
    const failing = createRetrySchedule({ kind: 'outbox', clock, log });
    const relay = createRelay({ outboxes: store, sweepLease, broker, clock, log, failing, onPublish });
    const orders = this.storeOf(relay);
    return { calls, broker, relay, sweepLease, orders, published, failing };
  }

  storeOf(notifier: OutboxNotifier): OrderStore {
    return createOrderStore(this.model, ticketModel(this.model.db), notifier);
  }

  newOrder() {
    const ticket = { id: newId(), title: 'Concert', price: 20, version: 0 };
    return transitions.place({ id: newId(), userId: 'u1', ticket, holdMs: 1_000 }, { now: this.now });
  }

  async place(orders: OrderStore): Promise<Order> {
    const { order, event } = this.newOrder();
    await orders.insert(order, event);
    return order;
  }

  /** The ids of the events in the order's outbox. */
  async waiting({ id }: Order): Promise<string[] | undefined> {
    return (await this.model.findById(id).lean())?.outbox.map(({ eventId }) => eventId);
  }

  async dueAt({ id }: Order): Promise<Date | undefined> {
    return (await this.model.findById(id).lean())?.relayDueAt;
  }

  /** Sweeps until that is so: a sweep passes over an order that its relay is still busy with. */
  sweepUntil(relay: Relay, check: () => boolean): Promise<void> {
    return eventually(async () => {
      await relay.sweep();
      return check();
    });
  }

  async emptied(order: Order): Promise<boolean> {
    return (await this.waiting(order))?.length === 0;
  }
}

/** To be called once, by a test file, outside of its tests. */
export function useTestRelays(): TestRelays {
  const rig = new TestRelays();
  beforeAll(async () => {
    const database = await openDatabase(testConfig());
    await ensureIndexes([orderCollection(database)]);
    rig.model = orderModel(database);
    rig.outboxes = createOutboxStore(rig.model);
  });
  beforeEach(async () => {
    rig.now = new Date('2030-01-01T00:00:00Z');
    await rig.model.deleteMany({});
    await rig.model.db.collection('leases').deleteMany({});
  });
  return rig;
}

/** Something that waits until it is released. */
export function held(): { wait: () => Promise<void>; release: () => void } {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { wait: () => released, release: () => release() };
}
