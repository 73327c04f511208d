import { randomUUID } from 'node:crypto';
import pino from 'pino';
import type { Broker } from '../../src/messaging/broker.ts';
import { connectNatsStreaming } from '../../src/messaging/nats-streaming/nats-streaming.ts';
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
import { connected } from './driver.ts';

export interface PassJob {
  uri: string;
  broker: BrokerAddress;
}

export interface BrokerAddress {
  url: string;
  clusterId: string;
}

const log = pino({ level: 'silent' });
let broker: Promise<Broker> | undefined;

/** A connection to the broker, kept for the next job. */
export function joined(address: BrokerAddress): Promise<Broker> {
  broker ??= (async () => {
    const clientId = `bench-${randomUUID().slice(0, 8)}`;
    const joining = connectNatsStreaming({ ...address, clientId, queueGroup: clientId, log });
    await new Promise<void>((resolve) => joining.onConnect(resolve));
    return joining;
  })();
  return broker;
}

/** One sweep of the relay over all outboxes that are due: events to the broker, and out of the outboxes. In milliseconds. */
export async function drainOutboxes(job: PassJob): Promise<number> {
  const database = await connected(job.uri);
  const relay = createRelay({
    outboxes: createOutboxStore(orderModel(database)),
    sweepLease: createLease(database, sweepLeaseName),
    broker: await joined(job.broker),
    clock: systemClock,
    log,
    failing: createRetrySchedule({ kind: 'outbox', clock: systemClock, log }),
  });
  return milliseconds(() => relay.sweep());
}

/** One sweep over all orders past their time; their events wait for the relay. In milliseconds. */
export async function expireOrders({ uri }: Pick<PassJob, 'uri'>): Promise<number> {
  const database = await connected(uri);
  const orders = createOrderStore(orderModel(database), ticketModel(database), leaveToSweep(systemClock));
  const retries = createRetrySchedule({ kind: 'overdue order', clock: systemClock, log });
  return milliseconds(() => expireOverdueOrders({ orders, clock: systemClock, retries }));
}

async function milliseconds(act: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await act();
  return performance.now() - started;
}
