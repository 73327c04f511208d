import mongoose from 'mongoose';
import { newId, storeTicket } from '../support/buyer.ts';
import { type CrashRig, endServices, startCrashRig } from '../support/crashing-service.ts';
import { eventually } from '../support/eventually.ts';
import { type OwnBroker, startOwnBroker } from '../support/own-broker.ts';
import type { ServiceProcess } from '../support/service-process.ts';

/** The protocol buffer that acknowledges a message begins with its subject; others that name a subject go to `_STAN`. */
const acknowledgement = (sent: string) => /PUB (?!_STAN)\S+ \d+\r\n\n.ticket:updated/s.test(sent);
const patient = { withinMs: 60_000 };
const whole = 150_000;
let nats: OwnBroker;

beforeAll(async () => {
  nats = await startOwnBroker();
});
afterEach(endServices, 30_000);

const copyOf = ({ database }: CrashRig, id: string) =>
  database.collection('tickets').findOne({ _id: new mongoose.Types.ObjectId(id) });

const parked = ({ database }: CrashRig, id: string) =>
  database.collection('parked_ticket_updates').countDocuments({ ticketId: new mongoose.Types.ObjectId(id) });

function update(rig: CrashRig, id: string, version: number): Promise<void> {
  const news = { id, version, title: `v${version}`, price: version, userId: newId() };
  return rig.peer.publish('ticket:updated', news);
}

/** What the service has said of the deliveries of a subject's messages, those delivered again included. */
const outcomes = (service: ServiceProcess) =>
  service
    .log()
    .filter(({ msg, subject }) => msg === 'message handled' && subject === 'ticket:updated')
    .map(({ outcome }) => outcome);

test(
  'When the service dies after applying a ticket event, before its ack, then the copy is right once',
  async () => {
    const rig = await startCrashRig(nats);
    const id = await storeTicket(rig.database);
    const reached = rig.taps.broker.reach({ withhold: 'request', tells: acknowledgement });
    await update(rig, id, 1);
    await reached;
    await rig.crash();
    const applied = await copyOf(rig, id);
    expect(applied).toMatchObject({ version: 1, title: 'v1' });

    const next = await rig.restart();
    await eventually(() => outcomes(next).includes('duplicate'), patient);
    expect(await copyOf(rig, id)).toEqual(applied);
    await update(rig, id, 2);
    await eventually(async () => (await copyOf(rig, id))?.['version'] === 2);
    await eventually(() => outcomes(next).length === 2);
    expect(outcomes(next)).toEqual(['duplicate', 'applied']);
  },
  whole,
);

test(
  'When the service dies after parking an event, before its ack, then it waits once and is applied once',
  async () => {
    const rig = await startCrashRig(nats);
    const id = await storeTicket(rig.database);
    const reached = rig.taps.broker.reach({ withhold: 'request', tells: acknowledgement });
    await update(rig, id, 2);
    await reached;
    await rig.crash();
    expect(await parked(rig, id)).toBe(1);
    expect(await copyOf(rig, id)).toMatchObject({ version: 0 });

    const next = await rig.restart();
    await eventually(() => outcomes(next).includes('parked'), patient);
    expect(await parked(rig, id)).toBe(1);
    await update(rig, id, 1);
    await eventually(async () => (await copyOf(rig, id))?.['version'] === 2);
    await eventually(async () => (await parked(rig, id)) === 0);
    expect(await copyOf(rig, id)).toMatchObject({ title: 'v2', price: 2 });
    expect(await copyOf(rig, id)).not.toHaveProperty('jumps');
  },
  whole,
);
