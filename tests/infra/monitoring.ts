import { z } from 'zod';
import { renderOverlay } from './kustomization.ts';
import { textOf } from './repository.ts';

/** An expression that somebody evaluates, and who. */
export interface Query {
  of: string;
  expression: string;
  /** What is shown of its result: text with labels in double braces. */
  shown: string;
}

const rules = z.looseObject({
  groups: z.array(
    z.looseObject({
      rules: z.array(
        z.looseObject({
          alert: z.string(),
          expr: z.string(),
          annotations: z.strictObject({ summary: z.string(), runbook: z.string() }),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning', 'info']) }),
        }),
      ),
    }),
  ),
});

const dashboard = z.looseObject({
  templating: z.strictObject({ list: z.array(z.looseObject({ name: z.string() })) }),
  panels: z.array(
    z.looseObject({
      id: z.number(),
      title: z.string(),
      gridPos: z.strictObject({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
      targets: z.array(z.looseObject({ expr: z.string(), legendFormat: z.string() })).default([]),
    }),
  ),
});

/** The groups of rules of the overlay `prod`. @throws when one lacks its severity, summary or runbook */
export function ruleGroups() {
  const found = renderOverlay('prod').filter(({ kind }) => kind === 'PrometheusRule');
  return found.flatMap((manifest) => rules.parse(manifest['spec']).groups);
}

/** An alert, and the section of the operations guide that it names. */
export interface Alert extends Query {
  runbook: string;
}

export function alerts(): Alert[] {
  return ruleGroups().flatMap((group) =>
    group.rules.map(({ alert, expr, annotations }) => ({
      of: alert,
      expression: expr,
      shown: annotations.summary,
      runbook: annotations.runbook,
    })),
  );
}

function dashboardShown() {
  return dashboard.parse(JSON.parse(textOf('infra/grafana/orders-dashboard.json')));
}

export function panels() {
  return dashboardShown().panels;
}

/** The names of what somebody who looks at the dashboard chooses. */
export function dashboardVariables(): string[] {
  return dashboardShown().templating.list.map(({ name }) => name);
}

/** The queries of the dashboard. */
export function panelQueries(): Query[] {
  return panels().flatMap(({ title, targets }) =>
    targets.map(({ expr, legendFormat }) => ({ of: title, expression: expr, shown: legendFormat })),
  );
}
