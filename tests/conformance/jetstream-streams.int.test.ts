import { DiscardPolicy, type JetStreamManager, StorageType } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { eventually } from '../support/eventually.ts';
import {
  type BrokerUnderTest,
  collect,
  collecting,
  connectClient,
  connectedClient,
  isStored,
  patient,
} from './broker-under-test.ts';
import { ownStream, startJetStreamServer } from './jetstream-server.ts';

/** What the service does with streams, its own and those of others. */

let broker: BrokerUnderTest;
let operator: JetStreamManager;
beforeAll(async () => {
  ({ broker, operator } = await startJetStreamServer());
}, 120_000);

const connect = (options: Parameters<typeof connectedClient>[1]) => connectedClient(broker, options);
const infoOf = (name: string) => operator.streams.info(name);
const isThere = async (name: string) => (await infoOf(name)).config.name === name;

test('When several replicas start at once, then a missing stream is created once, with all that it needs', async () => {
  const stream = ownStream({ maxAgeMs: 86_400_000 });
  const clients = Array.from({ length: 4 }, () => connectClient(broker.environment(), { streams: [stream] }));
  await eventually(() => clients.every((client) => client.broker.isConnected()));
  const { config } = await infoOf(stream.name);
  expect(config).toMatchObject({
    subjects: stream.subjects,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    max_age: nanos(86_400_000),
    max_bytes: 1024 ** 2,
    duplicate_window: nanos(120_000),
    num_replicas: 1,
  });
  expect(clients.flatMap((client) => client.broker.problems())).toEqual([]);
  expect(clients.flatMap((client) => client.log()).filter(({ problem }) => problem)).toEqual([]);
});

test('When a later release has more subjects, then they are added to its own stream, and none is taken away', async () => {
  const stream = ownStream();
  await connect({ streams: [stream] });
  const more = { ...stream, subjects: [`${stream.subject}-more`] };
  const later = await connect({ streams: [more] });
  await later.broker.publish(`${stream.subject}-more`, '1');
  expect((await infoOf(stream.name)).config.subjects).toEqual([stream.subject, ...more.subjects]);
});

test('When another stream takes a subject already, then it is used there, checked, and never changed', async () => {
  const stream = ownStream();
  const theirs = `THEIRS_${stream.name}`;
  const given = {
    name: theirs,
    subjects: [stream.subject],
    storage: StorageType.Memory,
    max_age: nanos(1e6),
  };
  await operator.streams.add(given);
  const before = (await infoOf(theirs)).config;
  const client = await connect({ streams: [stream], replicas: 3 });
  await client.broker.publish(stream.subject, '1');
  await expect(infoOf(stream.name)).rejects.toThrow('stream not found');
  expect((await infoOf(theirs)).config).toEqual(before);
  expect(client.broker.problems()).toEqual([
    expect.stringContaining(`stream ${theirs} keeps messages in memory`),
    expect.stringContaining('drops its oldest messages'),
    expect.stringContaining('has 1 replicas, JETSTREAM_REPLICAS is 3'),
    expect.stringContaining('keeps messages for a limited time'),
  ]);
  expect(client.log().filter(({ problem }) => problem)).toHaveLength(4);
});

test('When a stream keeps some messages of each subject only, then the oldest are gone, and that is a problem', async () => {
  const stream = ownStream();
  const limits = {
    discard: DiscardPolicy.New,
    duplicate_window: nanos(120_000),
    max_msgs_per_subject: 2,
  };
  await operator.streams.add({ name: stream.name, subjects: stream.subjects, ...limits });
  const client = await connect({ streams: [stream] });
  for (const text of ['1', '2', '3']) await client.broker.publish(stream.subject, text);
  expect((await infoOf(stream.name)).state).toMatchObject({ messages: 2, first_seq: 2 });
  expect(client.broker.problems()).toEqual([
    `stream ${stream.name} drops the oldest messages of a subject (max_msgs_per_subject)`,
  ]);
});

test('When a stream of its name belongs to others, then that is a problem, and it is not changed', async () => {
  const stream = ownStream();
  await operator.streams.add({
    name: stream.name,
    subjects: ['something.else'],
    storage: StorageType.File,
  });
  const client = await connect({ streams: [stream] });
  expect(client.broker.problems()).toEqual([expect.stringContaining("is not this service's")]);
  await expect(client.broker.publish(stream.subject, '1')).rejects.toThrow('no stream takes the subject');
  expect((await infoOf(stream.name)).config.subjects).toEqual(['something.else']);
  await operator.streams.delete(stream.name);
});

test('When no stream takes a subject and none is wanted for it, then that is refused until one does', async () => {
  const stream = ownStream();
  const client = await connect({ streams: [] });
  await expect(client.broker.publish(stream.subject, '0')).rejects.toThrow('no stream takes the subject');
  const got = collect(client, stream.subject);
  await eventually(() => client.broker.refusedSubjects().includes(stream.subject));
  const refusal = { subject: stream.subject, reason: `no stream takes ${stream.subject}` };
  expect(client.log()).toContainEqual(expect.objectContaining(refusal));
  await operator.streams.add({ name: stream.name, subjects: stream.subjects });
  await client.broker.publish(stream.subject, '1');
  await eventually(() => got.includes('1'), patient);
  expect(client.broker.refusedSubjects()).toEqual([]);
}, 60_000);

test('When an id comes twice, then its message is stored once; what has none is stored as often as it is sent', async () => {
  const stream = ownStream();
  const client = await connect({ streams: [stream] });
  const got = await collecting(client, stream.subject);
  for (const id of ['a:1', 'a:1', 'b\n', 'b\n', undefined, undefined])
    await client.broker.publish(stream.subject, String(id), id);
  await client.broker.publish(stream.subject, 'last');
  await eventually(() => got.includes('last'));
  expect(got).toEqual(['a:1', 'b\n', 'undefined', 'undefined', 'last']);
});

test('When a stream is full, then a publish fails, nothing is dropped, and more bytes help at once', async () => {
  const stream = ownStream({ maxBytes: 4_096 });
  const client = await connect({ streams: [stream] });
  const text = 'x'.repeat(1_000);
  const fill = async () => {
    for (;;) await client.broker.publish(stream.subject, text);
  };
  await expect(fill()).rejects.toThrow('maximum bytes exceeded');
  const { messages, first_seq } = (await infoOf(stream.name)).state;
  expect([messages > 1, first_seq]).toEqual([true, 1]);
  const full = await client.broker.readBacklog();
  expect(full?.streams).toEqual([{ stream: stream.name, used: expect.closeTo(0.85, 0) as number }]);
  await operator.streams.update(stream.name, { max_bytes: 1024 ** 2 });
  await client.broker.publish(stream.subject, text);
  const roomy = await client.broker.readBacklog();
  expect(roomy?.streams[0]?.used).toBeLessThan(0.1);
  // An operator's bound stays.
  await connect({ streams: [stream] });
  expect((await infoOf(stream.name)).config.max_bytes).toBe(1024 ** 2);
});

test('When a stream is deleted, then it is created again, and messages come by the same subscription', async () => {
  const stream = ownStream();
  const client = await connect({ streams: [stream] });
  const got = await collecting(client, stream.subject);
  await client.broker.publish(stream.subject, 'before');
  await eventually(() => got.length === 1);
  await operator.streams.delete(stream.name);
  await eventually(() => isStored(client, stream.subject, 'after'), { ...patient, everyMs: 200 });
  await eventually(() => got.includes('after'), patient);
  expect(client.broker.subscribedSince(stream.subject)).toBeDefined();
}, 90_000);

test('When a stream is deleted and a process only receives, then it is created again at once', async () => {
  const stream = ownStream();
  await collecting(await connect({ streams: [stream] }), stream.subject);
  await operator.streams.delete(stream.name);
  // Sooner than the streams are looked at in any case.
  await eventually(() => isThere(stream.name), { withinMs: 15_000 });
}, 30_000);

test('When a stream is deleted and a process only sends, then it is created again at once', async () => {
  const stream = ownStream();
  const client = await connect({ streams: [stream] });
  await operator.streams.delete(stream.name);
  await expect(client.broker.publish(stream.subject, '1')).rejects.toThrow('no stream takes the subject');
  await eventually(() => isThere(stream.name), { withinMs: 15_000 });
}, 30_000);

test('When a stream is deleted and created again by an operator, then messages come from the new one', async () => {
  const stream = ownStream();
  const client = await connect({ streams: [stream] });
  const got = await collecting(client, stream.subject);
  await operator.streams.delete(stream.name);
  await operator.streams.add({ name: `${stream.name}_2`, subjects: stream.subjects });
  const comes = async () => (await isStored(client, stream.subject, 'after')) && got.includes('after');
  await eventually(comes, { ...patient, everyMs: 200 });
}, 90_000);
