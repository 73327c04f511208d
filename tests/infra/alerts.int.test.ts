import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { alerts, ruleGroups } from './monitoring.ts';
import { findPromtool } from './promtool.ts';
import { pathOf, textOf } from './repository.ts';

/** The tests are Prometheus' own: https://prometheus.io/docs/prometheus/2.55/configuration/unit_testing_rules/ */
const folder = 'tests/infra/alerts';
const files = readdirSync(pathOf(folder));
const buildTimeoutMs = 20 * 60 * 1000;

const alertTest = z.looseObject({
  /** The alert that it is about. */
  name: z.string(),
  input_series: z.array(z.looseObject({ series: z.string() })),
  alert_rule_test: z.array(
    z.looseObject({
      alertname: z.string(),
      exp_alerts: z.array(z.looseObject({ exp_labels: z.record(z.string(), z.string()) })).default([]),
    }),
  ),
});
const tests = files.flatMap(
  (file) => z.looseObject({ tests: z.array(alertTest) }).parse(parse(textOf(join(folder, file)))).tests,
);

test('When there is an alert, then it has a test', () => {
  const names = tests.map(({ name }) => name);
  expect(new Set(names)).toEqual(new Set(alerts().map(({ of }) => of)));
  expect(names).toHaveLength(alerts().length);
});

describe.each(tests)('When the test of $name is run', ({ name, input_series, alert_rule_test }) => {
  const expected = alert_rule_test.flatMap(({ exp_alerts }) =>
    exp_alerts.map(({ exp_labels }) => exp_labels),
  );

  test('then it is about this alert, which fires for its cause', () => {
    expect(new Set(alert_rule_test.map(({ alertname }) => alertname))).toEqual(new Set([name]));
    expect(expected).not.toEqual([]);
  });

  test('then it has a namespace in which the alert nearly fires, and does not', () => {
    expect(input_series.map(({ series }) => series).join()).toContain('namespace="near-miss"');
    // Without its namespace an alert would not say where to look.
    const namespaces = expected.map((labels) => labels['namespace'] ?? 'none');
    expect(namespaces.filter((namespace) => /^(near-miss|none)/.test(namespace))).toEqual([]);
  });
});

const canBeHad = ['promtool', 'go'].some((program) => spawnSync(program, ['--version']).error === undefined);
// Where it cannot, .ci/run says so.
if (canBeHad) {
  describe('When promtool evaluates the alerts', () => {
    let promtool = '';
    let copy = '';
    beforeAll(async () => {
      promtool = (await findPromtool((line) => process.stderr.write(`${line}\n`))) ?? '';
      copy = mkdtempSync(join(tmpdir(), 'orders-alerts-'));
      cpSync(pathOf(folder), copy, { recursive: true });
      writeFileSync(join(copy, 'rules.yaml'), stringify({ groups: ruleGroups() }));
    }, buildTimeoutMs);
    afterAll(() => rmSync(copy, { recursive: true }));

    const run = (...args: string[]) => {
      const { status, stdout, stderr } = spawnSync(promtool, args, { cwd: copy, encoding: 'utf8' });
      return { status, problems: status === 0 ? '' : `${stdout}${stderr}` };
    };

    test('then they are rules', () => {
      expect(run('check', 'rules', '--lint-fatal', 'rules.yaml')).toEqual({ status: 0, problems: '' });
    });

    test.each(files)('then each of %s fires when it should, and then only', (file) => {
      expect(run('test', 'rules', file)).toEqual({ status: 0, problems: '' });
    });
  });
}
