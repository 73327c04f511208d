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
          annotations: z.strictObject({ summary: z.string() }),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
        }),
      ),
    }),
  ),
});

const dashboard = z.looseObject({
  panels: z.array(
    z.looseObject({
      id: z.number(),
      title: z.string(),
      gridPos: z.strictObject({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
      targets: z.array(z.looseObject({ expr: z.string(), legendFormat: z.string() })).default([]),
    }),
  ),
});

/** The alerts of the overlay `prod`. @throws when one lacks its severity or summary */
export function alerts(): Query[] {
  const found = renderOverlay('prod').filter(({ kind }) => kind === 'PrometheusRule');
  const groups = found.flatMap((manifest) => rules.parse(manifest['spec']).groups);
  return groups.flatMap((group) =>
    group.rules.map(({ alert, expr, annotations }) => ({
      of: alert,
      expression: expr,
      shown: annotations.summary,
    })),
  );
}

export function panels() {
  return dashboard.parse(JSON.parse(textOf('infra/grafana/orders-dashboard.json'))).panels;
}

/** The queries of the dashboard. */
export function panelQueries(): Query[] {
  return panels().flatMap(({ title, targets }) =>
    targets.map(({ expr, legendFormat }) => ({ of: title, expression: expr, shown: legendFormat })),
  );
}
