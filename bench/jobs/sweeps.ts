import pino from 'pino';
import type { BrokerAddress } from '../../dev/embedded/embedded-server.ts';
import { orderModel } from '../../src/orders/store/order-model.ts';
import { createOrderStore } from '../../src/orders/store/order-store.ts';
import { createOutboxStore } from '../../src/orders/store/outbox-store.ts';
import { expireOverdueOrders } from '../../src/orders/use-cases/expire-orders.ts';
import type { OutboxEvent } from '../../src/outbox/outbox-event.ts';
import { leaveToSweep } from '../../src/outbox/outbox-notifier.ts';
import type { OutboxPort } from '../../src/outbox/outbox-port.ts';
import { createRelay, type RelayDeps } from '../../src/outbox/relay.ts';
import { sweepLeaseName } from '../../src/outbox/sweep-lease.ts';
import { createLease } from '../../src/platform/mongo/lease-store.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { createRetrySchedule } from '../../src/platform/time/retry-schedule.ts';
import { ticketModel } from '../../src/tickets/store/ticket-model.ts';
import { openDatabase } from './connections.ts';
import { openBroker } from './open-broker.ts';
import { durationMs } from './timing.ts';

export interface SweepJob {
  uri: string;
  broker: BrokerAddress;
}

export interface MemorySweepJob {
  broker: BrokerAddress;
  /** One in each outbox. */
  events: OutboxEvent[];
}

const log = pino({ level: 'silent' });

/** One sweep of the relay over all outboxes that are due: publishes their events and removes them. In milliseconds. */
export async function drainOutboxes(job: SweepJob): Promise<number> {
  const database = await openDatabase(job.uri);
  const outboxes = createOutboxStore(orderModel(database));
  return sweep({ outboxes, sweepLease: createLease(database, sweepLeaseName) }, job.broker);
}

/** The same over outboxes that no database stores: what the relay and the broker take by themselves. */
export async function drainMemory({ broker, events }: MemorySweepJob): Promise<number> {
  const always = { take: () => Promise.resolve(true), release: () => Promise.resolve() };
  return sweep({ outboxes: memoryOutboxes(events), sweepLease: always }, broker);
}

async function sweep(stores: Pick<RelayDeps, 'outboxes' | 'sweepLease'>, broker: BrokerAddress) {
  const failing = createRetrySchedule({ kind: 'outbox', clock: systemClock, log });
  const relay = createRelay({
    ...stores,
    broker: await openBroker(broker),
    clock: systemClock,
    log,
    failing,
  });
  return durationMs(() => relay.sweep());
}

function memoryOutboxes(events: OutboxEvent[]): OutboxPort {
  const outboxes = new Map(events.map((event) => [event.eventId, event]));
  const unused = () => Promise.reject(new Error('every event is acknowledged at once'));
  return {
    findDue: async (_, limit) => [...outboxes.keys()].slice(0, limit),
    read: async (ids) =>
      ids.flatMap((orderId) => {
        const event = outboxes.get(orderId);
        return event ? [{ orderId, events: [event] }] : [];
      }),
    findWaiting: unused,
    makeDue: unused,
    postpone: unused,
    async removeAcknowledged(acknowledged) {
      for (const { orderId } of acknowledged) outboxes.delete(orderId);
      return acknowledged.map(() => []);
    },
  };
}

/** One sweep over all overdue orders; their events stay in the outboxes. In milliseconds. */
export async function expireOrders({ uri }: Pick<SweepJob, 'uri'>): Promise<number> {
  const database = await openDatabase(uri);
  const orders = createOrderStore(orderModel(database), ticketModel(database), leaveToSweep(systemClock));
  const retries = createRetrySchedule({ kind: 'overdue order', clock: systemClock, log });
  return durationMs(() => expireOverdueOrders({ orders, clock: systemClock, retries }));
}
