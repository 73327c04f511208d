import type { ConsumerInfo, StreamInfo } from '@nats-io/jetstream';
import { type Lists, lagsOf } from './read-durables.ts';

/** What the servers answer about one stream. */
interface Answer {
  stream?: object;
  count?: number;
  consumers?: object[];
}

const led = { name: 'ticketing', leader: 'jetstream-0' };
const leaderless = { name: 'ticketing' };

/** What a client's lister yields. */
function lister<Item>(items: readonly unknown[]) {
  const all = items as readonly Item[];
  return {
    next: async () => [...all],
    async *[Symbol.asyncIterator]() {
      yield* all;
    },
  };
}

function answers({ stream = {}, consumers = [], count = consumers.length }: Answer, names = ['A']): Lists {
  const info = { config: { name: 'A', subjects: ['a', 'b'] }, state: { consumer_count: count }, ...stream };
  return {
    streams: { names: () => lister<string>(names), list: () => lister<StreamInfo>([info]) },
    consumers: { list: () => lister<ConsumerInfo>(consumers) },
  };
}

const durable = (name: string, more: object = {}) => ({
  ...{ name, config: { durable_name: name }, num_pending: 2, num_ack_pending: 1, cluster: led },
  ...more,
});
const lag = { waiting: 2, unacknowledged: 1 };
const whatToDo = /a server is away, or a leader is being elected\. Read again once all servers are there$/;

test.each<[string, Answer]>([
  ['cluster that has leaders', { stream: { cluster: led }, consumers: [durable('d')] }],
  ['server alone', { consumers: [durable('d', { cluster: undefined })] }],
])('When a %s lists all durables, then their lag is read', async (_, answer) => {
  expect(await lagsOf(answers(answer))).toEqual([{ subject: 'a, b', durable: 'd', ...lag }]);
});

test.each<[string, Answer, string[], string]>([
  ['a stream has no leader', { stream: { cluster: leaderless } }, ['A'], 'stream A'],
  [
    'a durable has no leader',
    {
      consumers: [{ config: { durable_name: 'd' }, num_pending: 0, num_ack_pending: 0, cluster: leaderless }],
    },
    ['A'],
    'durable d of stream A',
  ],
  ['a durable is left out', { consumers: [durable('d')], count: 2 }, ['A'], '1 consumers of stream A'],
  [
    'a durable is listed twice in the place of another',
    { consumers: [durable('d'), durable('d')] },
    ['A'],
    '1 consumers of stream A',
  ],
  ['a stream is left out', { consumers: [durable('d')] }, ['A', 'B'], 'stream B'],
])('When %s, then nothing is said to be 0, and it is said what to do', async (_, answer, names, what) => {
  const reading = lagsOf(answers(answer, names));
  await expect(reading).rejects.toThrow(`JetStream does not tell what waits for ${what}: `);
  await expect(reading).rejects.toThrow(whatToDo);
});

test('When a mirror has a durable without a filter, then the stream is named in the place of subjects', async () => {
  const mirror = { config: { name: 'A', mirror: { name: 'B' } } };
  expect(await lagsOf(answers({ stream: mirror, consumers: [durable('d')] }))).toEqual([
    { subject: 'stream A', durable: 'd', ...lag },
  ]);
});

test('When a consumer is no durable, then what waits for it does not count', async () => {
  const passing = durable('passing', { config: {} });
  expect(await lagsOf(answers({ consumers: [passing, durable('d')] }))).toEqual([
    { subject: 'a, b', durable: 'd', ...lag },
  ]);
});

test('When a durable filters, then its subjects are those that it filters by', async () => {
  const one = durable('one', { config: { durable_name: 'one', filter_subject: 'a' } });
  const two = durable('two', { config: { durable_name: 'two', filter_subjects: ['a', 'c'] } });
  const subjects = (await lagsOf(answers({ consumers: [one, two] }))).map(({ subject }) => subject);
  expect(subjects).toEqual(['a', 'a, c']);
});
