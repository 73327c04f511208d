import { parser } from '@prometheus-io/lezer-promql';

/** What a PromQL expression reads. */
export interface Reading {
  metrics: string[];
  /** The labels that it selects or groups by. */
  labels: string[];
}

/** @throws when the expression is no PromQL */
export function readingOf(expression: string): Reading {
  const metrics = new Set<string>();
  const labels = new Set<string>();
  // Grafana puts the range in; here any will do.
  const text = expression.replaceAll('$__rate_interval', '5m');
  parser.parse(text).iterate({
    enter({ type, name, from, to }) {
      const part = text.slice(from, to);
      if (type.isError) throw new Error(`no PromQL at "${text.slice(from)}" of ${text}`);
      if (name === 'Identifier') metrics.add(part);
      if (name === 'LabelName') labels.add(part);
    },
  });
  return { metrics: [...metrics], labels: [...labels] };
}
