import pino from 'pino';
import { orderModel } from '../../src/orders/store/order-model.ts';
import { createOrderStore } from '../../src/orders/store/order-store.ts';
import { createOutboxStore } from '../../src/orders/store/outbox-store.ts';
import { expireOverdueOrders } from '../../src/orders/use-cases/expire-orders.ts';
import { leaveToSweep } from '../../src/outbox/outbox-notifier.ts';
import { createRelay } from '../../src/outbox/relay.ts';
import { sweepLeaseName } from '../../src/outbox/sweep-lease.ts';
import { createLease } from '../../src/platform/mongo/lease-store.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { createRetrySchedule } from '../../src/platform/time/retry-schedule.ts';
import { ticketModel } from '../../src/tickets/store/ticket-model.ts';
import { openDatabase } from './connections.ts';
import { type MeasuredBroker, openBroker } from './open-broker.ts';
import { durationMs } from './timing.ts';

export interface SweepJob {
  uri: string;
  broker: MeasuredBroker;
}

const log = pino({ level: 'silent' });

/** One sweep of the relay over all outboxes that are due: publishes their events and removes them. In milliseconds. */
export async function drainOutboxes(job: SweepJob): Promise<number> {
  const database = await openDatabase(job.uri);
  const relay = createRelay({
    outboxes: createOutboxStore(orderModel(database)),
    sweepLease: createLease(database, sweepLeaseName),
    broker: await openBroker(job.broker),
    clock: systemClock,
    log,
    failing: createRetrySchedule({ kind: 'outbox', clock: systemClock, log }),
  });
  return durationMs(() => relay.sweep());
}

/** One sweep over all overdue orders; their events stay in the outboxes. In milliseconds. */
export async function expireOrders({ uri }: Pick<SweepJob, 'uri'>): Promise<number> {
  const database = await openDatabase(uri);
  const orders = createOrderStore(orderModel(database), ticketModel(database), leaveToSweep(systemClock));
  const retries = createRetrySchedule({ kind: 'overdue order', clock: systemClock, log });
  return durationMs(() => expireOverdueOrders({ orders, clock: systemClock, retries }));
}
