import { createHash } from 'node:crypto';
import type mongoose from 'mongoose';
import { maxMessageBytes } from '../../src/messaging/listener.ts';
import { newId, placeOrder, storeTicket } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { startOwnBroker } from '../support/own-broker.ts';
import { connectPeer, openDatabase, testConfig } from '../support/running-service.ts';
import { environmentOf, runService } from '../support/service-process.ts';

const perSubject = 250;
const depth = 30_000;

/** A sound message of each subject; a poison is one of them with something wrong. */
const sound = {
  'ticket:created': () => ({ id: newId(), version: 0, title: 'A', price: 1, userId: 'seller' }),
  'ticket:updated': () => ({ id: newId(), version: 1, title: 'A', price: 1, userId: 'seller' }),
  'payment:created': () => ({ id: newId(), orderId: newId(), stripeChargeId: 'ch' }),
  'expiration:complete': () => ({ orderId: newId() }),
};
type Subject = keyof typeof sound;
const subjects = Object.keys(sound) as Subject[];

/** What the subject says which order or ticket it is about. */
const idOf = (subject: Subject) => (subject.startsWith('ticket') ? 'id' : 'orderId');

const poisons: ((subject: Subject, message: Record<string, unknown>) => string | Buffer)[] = [
  () => '',
  () => '{"id":',
  () => Buffer.from([0xff, 0xfe, 0x00, 0xd8]),
  (_, message) => Buffer.concat([Buffer.from(JSON.stringify(message)), Buffer.from([0xc3])]),
  (_, message) => JSON.stringify(message).padEnd(maxMessageBytes + 1),
  (_, message) => JSON.stringify([message]),
  () => 'null',
  () => '{}',
  (subject, message) => JSON.stringify({ ...message, [idOf(subject)]: 12 }),
  (subject, message) => JSON.stringify({ ...message, [idOf(subject)]: undefined }),
  (subject, message) => JSON.stringify({ ...message, [idOf(subject)]: 'unknown' }),
  (subject, message) => JSON.stringify({ ...message, [idOf(subject)]: { $gt: '' } }),
  (subject, message) => JSON.stringify({ ...message, [`$${idOf(subject)}`]: newId(), [idOf(subject)]: null }),
  (_, message) => `{"__proto__":${JSON.stringify(message)},"constructor":{"prototype":{"id":"x"}}}`,
  () => '['.repeat(depth) + ']'.repeat(depth),
  (subject) => `{"${idOf(subject)}":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`,
];
const poisonsOfTickets: typeof poisons = [-1, 0.5, 1e300, '1.0'].flatMap((wrong) => [
  (_, message) => JSON.stringify({ ...message, version: wrong }),
  (_, message) => JSON.stringify({ ...message, price: -1, version: wrong }),
]);
/** A payment of an order that nobody knows; the other subjects have a use for an unknown id. */
const poisonsOfPayments: typeof poisons = [(_, message) => JSON.stringify(message)];

function poisonsFor(subject: Subject): Buffer[] {
  const special = subject.startsWith('ticket') ? poisonsOfTickets : [];
  const kinds = [...poisons, ...special, ...(subject === 'payment:created' ? poisonsOfPayments : [])];
  return Array.from({ length: perSubject }, (_, index) =>
    Buffer.from(kinds[index % kinds.length]?.(subject, sound[subject]()) ?? ''),
  );
}

const digest = (subject: string, data: Uint8Array) =>
  `${subject} ${createHash('sha256').update(data).digest('hex')}`;

test('When 1,000 poison messages come, every kind on every subject, then all are dead letters, the process goes on and good ones are handled', async () => {
  const nats = await startOwnBroker();
  const config = testConfig({ logLevel: 'debug' });
  config.nats = { ...config.nats, url: nats.url, clusterId: nats.clusterId };
  const database = await openDatabase(config);
  const peer = await connectPeer(config);
  const service = runService(environmentOf(config));
  let ended = false;
  void service.exitCode.then(() => {
    ended = true;
  });
  const url = await service.url();
  await service.connected();

  const messages = subjects.flatMap((subject) => poisonsFor(subject).map((data) => ({ subject, data })));
  for (let sent = 0; sent < messages.length; sent += 200) {
    await Promise.all(
      messages.slice(sent, sent + 200).map(({ subject, data }) => peer.publishRaw(subject, data)),
    );
  }
  const letters = database.collection<{ subject: string; sequence: number; data: mongoose.mongo.Binary }>(
    'dead_letters',
  );
  await eventually(async () => (await letters.countDocuments()) >= messages.length, {
    withinMs: 60_000,
    everyMs: 250,
  });
  const kept = await letters.find().toArray();
  expect(kept.map(({ subject, data }) => digest(subject, data.buffer)).sort()).toEqual(
    messages.map(({ subject, data }) => digest(subject, data)).sort(),
  );
  expect(new Set(kept.map(({ subject, sequence }) => `${subject} ${sequence}`)).size).toBe(messages.length);

  const ticket = { ...sound['ticket:created'](), title: 'Good' };
  const copy = () => database.collection('tickets').findOne({ title: { $in: ['Good', 'Better'] } });
  await peer.publish('ticket:created', ticket);
  await eventually(async () => (await copy())?.['version'] === 0);
  await peer.publish('ticket:updated', { ...ticket, version: 1, title: 'Better' });
  await eventually(async () => (await copy())?.['title'] === 'Better');

  const id = await placeOrder(url, await storeTicket(database));
  await peer.publish('payment:created', { id: 'pay', orderId: id, stripeChargeId: 'ch' });
  await eventually(() =>
    peer.seen.some(({ subject, data }) => subject === 'order:paid' && data['id'] === id),
  );
  await peer.publish('expiration:complete', { orderId: id });
  await eventually(() =>
    service.log().some(({ subject, outcome }) => subject === 'expiration:complete' && outcome === 'not_due'),
  );

  expect(await letters.countDocuments()).toBe(messages.length);
  expect(await database.collection('tickets').countDocuments()).toBe(2);
  expect(ended).toBe(false);
}, 240_000);
