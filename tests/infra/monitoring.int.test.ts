import { playAll, startEventfulRun } from '../support/eventful-run.ts';
import type { Sample } from '../support/scrape.ts';
import { alerts, panelQueries, panels } from './monitoring.ts';
import { readingOf } from './promql.ts';
import { textOf } from './repository.ts';

/** Prometheus itself gives them to what it scrapes by a ServiceMonitor. */
const ofPrometheus = { metrics: ['up'], labels: ['job', 'pod'] };

let samples: Sample[];
beforeAll(async () => {
  const run = await startEventfulRun();
  await playAll(run);
  samples = await run.reached(0, 'orders_outbox_depth');
}, 120_000);

const queries = [...alerts(), ...panelQueries()];

test.each(queries)('When $of is evaluated by $expression, then there is all that it reads', (query) => {
  const { metrics, labels } = readingOf(query.expression);
  expect(metrics).not.toEqual([]);
  const read = samples.filter(({ name }) => metrics.includes(name));
  expect([...ofPrometheus.metrics, ...read.map(({ name }) => name)]).toEqual(expect.arrayContaining(metrics));
  const present = [...ofPrometheus.labels, ...read.flatMap((sample) => Object.keys(sample.labels))];
  expect(present).toEqual(expect.arrayContaining(labels));
  const shown = [...query.shown.matchAll(/\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}/g)].map(([, label]) => label);
  expect(present).toEqual(expect.arrayContaining(shown));
});

test('When a metric of the service is shown nowhere, then that is a slip', () => {
  const read = new Set(queries.flatMap(({ expression }) => readingOf(expression).metrics));
  const own = samples.map(({ name }) => name).filter((name) => name.startsWith('orders_'));
  // A histogram counts as read by any of its three.
  const family = (name: string) => name.replace(/_(bucket|sum|count)$/, '');
  const families = new Set([...read].map(family));
  expect([...new Set(own.map(family))].filter((name) => !families.has(name))).toEqual([]);
});

test('When an alert fires, then the operations guide tells what to do', () => {
  const told = [...textOf('docs/operations.md').matchAll(/^\| `(Orders\w+)` \|/gm)].map(([, name]) => name);
  expect(told).toEqual(alerts().map(({ of }) => of));
});

test('When the dashboard is shown, then no panel lies upon another', () => {
  const placed = panels().map(({ id, gridPos }) => ({ id, ...gridPos }));
  expect(new Set(placed.map(({ id }) => id)).size).toBe(placed.length);
  const overlapping = placed.flatMap((one) =>
    placed.filter(
      (other) =>
        one.id < other.id &&
        one.x < other.x + other.w &&
        other.x < one.x + one.w &&
        one.y < other.y + other.h &&
        other.y < one.y + one.h,
    ),
  );
  expect(overlapping).toEqual([]);
});

describe('When an expression is read', () => {
  test('then its metrics and labels are told', () => {
    expect(readingOf('sum by (a) (rate(one{b="x"}[$__rate_interval])) / on (c) two > 3')).toEqual({
      metrics: ['one', 'two'],
      labels: ['a', 'b', 'c'],
    });
  });

  test.each(['rate(one[5m)', 'sum by (a (one)', 'one >'])('then %s is refused', (broken) => {
    expect(() => readingOf(broken)).toThrow('no PromQL');
  });
});
