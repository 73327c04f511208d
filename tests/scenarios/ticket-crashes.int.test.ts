import mongoose from 'mongoose';
import { newId, storeTicket } from '../support/buyer.ts';
import { type CrashingService, useCrashingServices } from '../support/crashing-service.ts';
import { eventually } from '../support/eventually.ts';
import type { ServiceProcess } from '../support/service-process.ts';
import { testedBroker } from '../support/tested-broker.ts';

/** What the service sends to acknowledge a ticket update. */
const acknowledgements = {
  /** The protocol buffer begins with the message's subject; others that name a subject go to `_STAN`. */
  'NATS Streaming': /PUB (?!_STAN)\S+ \d+\r\n\n.ticket:updated/s,
  /** The reply's subject names the durable. */
  JetStream: /PUB \$JS\.ACK\.\S+ticket-updated\S+ \d+\r\n\+ACK/,
};
const acknowledgement = (sent: string) => acknowledgements[testedBroker].test(sent);
const patient = { withinMs: 60_000 };
const whole = 150_000;
const startCrashing = useCrashingServices();

const copyOf = ({ database }: CrashingService, id: string) =>
  database.collection('tickets').findOne({ _id: new mongoose.Types.ObjectId(id) });

const parked = ({ database }: CrashingService, id: string) =>
  database.collection('parked_ticket_updates').countDocuments({ ticketId: new mongoose.Types.ObjectId(id) });

function update(service: CrashingService, id: string, version: number): Promise<void> {
  const ticket = { id, version, title: `v${version}`, price: version, userId: newId() };
  return service.peer.publish('ticket:updated', ticket);
}

/** The logged outcome of each delivery of a ticket update, redeliveries included. */
const outcomes = (process: ServiceProcess) =>
  process
    .log()
    .filter(({ msg, subject }) => msg === 'message handled' && subject === 'ticket:updated')
    .map(({ outcome }) => outcome);

test(
  'When the service dies after applying a ticket event, before its ack, then the copy is right once',
  async () => {
    const service = await startCrashing();
    const id = await storeTicket(service.database);
    const reached = service.proxies.broker.stopAt({ withhold: 'request', matches: acknowledgement });
    await update(service, id, 1);
    await reached;
    await service.crash();
    const applied = await copyOf(service, id);
    expect(applied).toMatchObject({ version: 1, title: 'v1' });

    const next = await service.restart();
    await eventually(() => outcomes(next).includes('duplicate'), patient);
    expect(await copyOf(service, id)).toEqual(applied);
    await update(service, id, 2);
    await eventually(async () => (await copyOf(service, id))?.['version'] === 2);
    await eventually(() => outcomes(next).length === 2);
    expect(outcomes(next)).toEqual(['duplicate', 'applied']);
  },
  whole,
);

test(
  'When the service dies after parking an event, before its ack, then it waits once and is applied once',
  async () => {
    const service = await startCrashing();
    const id = await storeTicket(service.database);
    const reached = service.proxies.broker.stopAt({ withhold: 'request', matches: acknowledgement });
    await update(service, id, 2);
    await reached;
    await service.crash();
    expect(await parked(service, id)).toBe(1);
    expect(await copyOf(service, id)).toMatchObject({ version: 0 });

    const next = await service.restart();
    await eventually(() => outcomes(next).includes('parked'), patient);
    expect(await parked(service, id)).toBe(1);
    await update(service, id, 1);
    await eventually(async () => (await copyOf(service, id))?.['version'] === 2);
    await eventually(async () => (await parked(service, id)) === 0);
    expect(await copyOf(service, id)).toMatchObject({ title: 'v2', price: 2 });
    expect(await copyOf(service, id)).not.toHaveProperty('jumps');
  },
  whole,
);
