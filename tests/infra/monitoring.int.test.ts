import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../support/eventually.ts';
import { startJetStream } from '../support/jetstream-service.ts';
import { startTestService } from '../support/running-service.ts';
import { type Sample, scrape } from '../support/scrape.ts';
import { runTraffic, startServiceWithTraffic } from '../support/service-with-traffic.ts';
import { measuredElsewhere } from './measured-elsewhere.ts';
import { alerts, dashboardVariables, panelQueries, panels } from './monitoring.ts';
import { exportedPages } from './nats-exporter.ts';
import { readingOf } from './promql.ts';
import { pathOf, textOf } from './repository.ts';

/** Prometheus itself gives them to what it scrapes by a ServiceMonitor. */
const ofPrometheus = { metrics: ['up'], labels: ['job', 'namespace', 'pod'] };

const exported = exportedPages().flatMap(({ metrics }) => metrics);
/** Under which job each metric is scraped that is not the service's. */
const otherJobs = new Map([
  ...Object.entries(measuredElsewhere).map(([metric, { job }]) => [metric, job] as const),
  ...exported.map(({ name }) => [name, 'nats-exporter'] as const),
]);
const otherLabels = new Map([
  ...Object.entries(measuredElsewhere).map(([metric, { labels }]) => [metric, labels] as const),
  ...exported.map(({ name, labels }) => [name, labels] as const),
]);

let samples: Sample[];
beforeAll(async () => {
  const run = await startServiceWithTraffic();
  await runTraffic(run);
  samples = [...(await run.reached(0, 'orders_outbox_depth')), ...(await samplesOnJetStream())];
}, 120_000);

/** What only a service on JetStream has, and one that counts overdue refunds. */
async function samplesOnJetStream(): Promise<Sample[]> {
  const { url } = await startTestService({ ...(await startJetStream()).config(), refundAlertMs: 1_000 });
  let found: Sample[] = [];
  await eventually(
    async () => {
      found = await scrape(url);
      const rare = ['orders_consumer_pending', 'orders_refunds_overdue'];
      return rare.every((wanted) => found.some(({ name }) => name === wanted));
    },
    { withinMs: 30_000, everyMs: 500 },
  );
  return found;
}

const queries = [...alerts(), ...panelQueries()];

test.each(queries)('When $of is evaluated by $expression, then there is all that it reads', (query) => {
  const { metrics, labels } = readingOf(query.expression);
  expect(metrics).not.toEqual([]);
  const read = samples.filter(({ name }) => metrics.includes(name));
  const known = [...ofPrometheus.metrics, ...otherLabels.keys(), ...read.map(({ name }) => name)];
  expect(known).toEqual(expect.arrayContaining(metrics));
  const present = [
    ...ofPrometheus.labels,
    ...read.flatMap((sample) => Object.keys(sample.labels)),
    ...metrics.flatMap((metric) => otherLabels.get(metric) ?? []),
    // What a label_replace makes.
    ...[...query.expression.matchAll(/"(\w+)", "[^"]*", "", ""\)/g)].map(([, label]) => label),
  ];
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

describe('When one Prometheus scrapes several marketplaces and other services', () => {
  test.each(alerts())('then $of reads what it is about alone', ({ expression }) => {
    for (const { metric, matchers } of readingOf(expression).selections) {
      const jobs = matchers.filter((matcher) => matcher.startsWith('job='));
      if (metric === 'up') expect(jobs).toHaveLength(1);
      else expect(jobs).toEqual([`job="${otherJobs.get(metric) ?? 'orders-srv'}"`]);
    }
  });

  test.each(panelQueries())('then the panel $of shows one of them', ({ expression }) => {
    for (const { metric, matchers } of readingOf(expression).selections) {
      expect(matchers).toContain(`job="${otherJobs.get(metric) ?? '$job'}"`);
      expect(matchers).toContain('namespace="$namespace"');
    }
    const chosen = [...expression.matchAll(/\$(\w+)/g)].map(([, name]) => name);
    expect([...dashboardVariables(), '__rate_interval']).toEqual(expect.arrayContaining(chosen));
  });
});

describe('When an alert fires, then the section that it names', () => {
  const guide = textOf('docs/operations.md');
  const sections = new Map(
    guide
      .split(/\n(?=##)/)
      .filter((section) => section.startsWith('### Orders'))
      .map((section) => [section.slice('### '.length, section.indexOf('\n')), section]),
  );

  test('is there, and in the order of the rules', () => {
    expect([...sections.keys()]).toEqual(alerts().map(({ of }) => of));
  });

  test.each(alerts())(
    'says for $of what the buyer sees, how to be sure, what to do and what not to do',
    (alert) => {
      expect(alert.runbook).toBe(`docs/operations.md#${alert.of.toLowerCase()}`);
      const parts = [...(sections.get(alert.of) ?? '').matchAll(/^- \*\*(.+?)[.:]\*\*/gm)].map(
        ([, part]) => part,
      );
      expect(parts).toEqual(['The buyer', 'Be sure', 'Do', 'Do not']);
    },
  );

  const allText = [...sections.values()].join('\n');
  const filesIn = (folder: string) =>
    readdirSync(pathOf(folder), { recursive: true, encoding: 'utf8' }).filter((name) =>
      /(?<!\.test)\.ts$/.test(name),
    );

  test('looks for what the service logs, and what the audit finds', () => {
    const source = filesIn('src')
      .map((name) => textOf(join('src', name)))
      .join();
    const looked = [...allText.matchAll(/logs '([^']+)'|audit \| grep (\w+)/g)].map(
      ([, log, rule]) => log ?? rule,
    );
    expect(looked).not.toEqual([]);
    expect(looked.filter((text) => text !== undefined && !source.includes(text))).toEqual([]);
  });

  test('calls commands that there are', () => {
    const called = [...allText.matchAll(/`orders ([\w-]+)/g)].map(([, command]) => `${command}.ts`);
    expect(called).not.toEqual([]);
    expect(filesIn('src/commands')).toEqual(expect.arrayContaining(called));
  });

  test('names panels that the dashboard has', () => {
    const prose = allText.replace(/`[^`]*`/g, '');
    const named = [...prose.matchAll(/(?<!\*)\*([^*\n]+)\*(?!\*)/g)].map(([, title]) => title);
    expect(named).not.toEqual([]);
    expect(panels().map(({ title }) => title)).toEqual(expect.arrayContaining(named));
  });
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
  test('then its metrics and labels are documented', () => {
    expect(readingOf('sum by (a) (rate(one{b="x", d!="y"}[$__rate_interval])) / on (c) two > 3')).toEqual({
      metrics: ['one', 'two'],
      labels: ['a', 'b', 'd', 'c'],
      selections: [
        { metric: 'one', matchers: ['b="x"', 'd!="y"'] },
        { metric: 'two', matchers: [] },
      ],
    });
  });

  test.each(['rate(one[5m)', 'sum by (a (one)', 'one >'])('then %s is refused', (broken) => {
    expect(() => readingOf(broken)).toThrow('no PromQL');
  });
});
