import {
  DiscardPolicy,
  PersistMode,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { refusedStream, streamProblems } from './stream-problems.ts';

/** As a server reports a stream that the service has created. */
const good = {
  name: 'A',
  storage: StorageType.File,
  discard: DiscardPolicy.New,
  retention: RetentionPolicy.Limits,
  num_replicas: 1,
  duplicate_window: nanos(120_000),
  max_age: 0,
  max_msgs_per_subject: -1,
} as StreamConfig;
const rules = { maxAgeMs: 0, replicas: 1 };

test.each<[Partial<StreamConfig>, string[]]>([
  [{}, []],
  [{ max_msgs_per_subject: 10 }, ['stream A drops the oldest messages of a subject (max_msgs_per_subject)']],
  [{ max_msgs_per_subject: 10, discard_new_per_subject: true }, []],
  [
    { persist_mode: PersistMode.Async },
    ['stream A acknowledges messages before they are written (persist_mode: async)'],
  ],
  [{ persist_mode: PersistMode.Default }, []],
])('When a stream has %j, then the problems are %j', (change, problems) => {
  expect(streamProblems({ ...good, ...change }, rules)).toEqual(problems);
});

test.each([
  [1, '4 GiB on 1 server, or'],
  [3, '4 GiB on 3 servers that all run, or'],
])(
  'When a stream for %d servers is refused, then it is said that none of them may be away',
  (replicas, text) => {
    const problem = refusedStream({ name: 'A', maxBytes: 4 * 1024 ** 3, replicas, reason: 'no peers' });
    expect(problem).toContain(`stream A is refused (no peers): give the servers room for ${text}`);
  },
);
