import { randomFrom } from '../random.ts';
import { allLinks, planFaults, type Scope } from './schedule.ts';

const seeds = Array.from({ length: 50 }, (_, seed) => seed);
const scope: Scope = { lengthMs: 180_000, links: allLinks, broker: 'one' };
const clusterScope: Scope = { ...scope, broker: 'cluster' };
const plan = (seed: number, part = scope) => planFaults(randomFrom(seed, 'faults'), part);

test('When the seed is the same, then so are the faults; when it is another, they are others', () => {
  expect(plan(7)).toEqual(plan(7));
  expect(plan(7)).not.toEqual(plan(8));
});

test('When a round lasts three minutes, then every kind of fault and every server comes up', () => {
  for (const seed of seeds) {
    const planned = plan(seed);
    expect(new Set(planned.map(({ kind }) => kind))).toEqual(
      new Set(['kill', 'freeze', 'cut', 'reset', 'stall', 'slow']),
    );
    expect(planned.map(({ target }) => target)).toEqual(expect.arrayContaining(['broker', 'database']));
    expect(planned.length).toBeGreaterThan(12);
  }
});

test('When faults are planned, then some outlast an outbox’s lease, and some overlap', () => {
  const planned = seeds.map((seed) => plan(seed));
  expect(planned.flat().some(({ kind, forMs }) => kind === 'freeze' && forMs > 20_000)).toBe(true);
  const overlapping = planned.filter((faults) =>
    faults.some((fault, index) => faults.slice(0, index).some((one) => one.atMs + one.forMs > fault.atMs)),
  );
  expect(overlapping.length).toBeGreaterThan(seeds.length / 2);
});

test('When faults are planned, then all end within the round, and no target is disturbed twice at once', () => {
  for (const seed of seeds) {
    const lastEnd = new Map<string, number>();
    for (const { target, atMs, forMs } of plan(seed)) {
      expect(atMs).toBeGreaterThan(lastEnd.get(target) ?? 0);
      expect(atMs + forMs).toBeLessThanOrEqual(scope.lengthMs + 1);
      lastEnd.set(target, atMs + forMs);
    }
  }
});

test.each([scope, clusterScope])(
  'When there is no proxy before $broker, then only processes are disturbed',
  (part) => {
    for (const seed of seeds) {
      const kinds = plan(seed, { ...part, links: [] }).map(({ kind }) => kind);
      expect(new Set(kinds)).toEqual(new Set(['kill', 'freeze']));
    }
  },
);

test('When the broker is a cluster, then in three minutes a leader is killed, the quorum is lost, and a server is frozen and cut off', () => {
  for (const seed of seeds) {
    const faults = plan(seed, clusterScope).map(({ kind, target }) => `${kind} ${target}`);
    for (const fault of [
      /^kill (stream|meta) leader$/,
      /^(kill|freeze) broker majority$/,
      /^freeze (stream leader|any broker)$/,
      /^partition (stream leader|any broker)$/,
      /^kill database$/,
      /^slow service-.:/,
    ])
      expect(faults).toContainEqual(expect.stringMatching(fault));
  }
});

test('When the broker is a cluster, then no two faults of its servers are on at once', () => {
  for (const seed of seeds) {
    const ofServers = plan(seed, clusterScope).filter(
      ({ target }) => /leader|broker$|majority/.test(target) && !target.includes(':'),
    );
    expect(ofServers.length).toBeGreaterThan(3);
    for (const [index, { atMs }] of ofServers.entries()) {
      const before = ofServers[index - 1];
      if (before) expect(atMs).toBeGreaterThan(before.atMs + before.forMs);
    }
  }
});
