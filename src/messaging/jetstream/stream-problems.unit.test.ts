import { refusedStream } from './stream-problems.ts';

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
