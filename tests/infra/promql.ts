import { parser } from '@prometheus-io/lezer-promql';

/** What a PromQL expression reads. */
export interface Reading {
  metrics: string[];
  /** The labels that it selects or groups by. */
  labels: string[];
  /** Each metric as it is selected: with the labels that are asked of it, such as `job="orders-srv"`. */
  selections: Selection[];
}

interface Selection {
  metric: string;
  matchers: string[];
}

/** @throws when the expression is no PromQL */
export function readingOf(expression: string): Reading {
  const labels = new Set<string>();
  const selections: Selection[] = [];
  // Grafana puts the range in; here any will do.
  const text = expression.replaceAll('$__rate_interval', '5m');
  parser.parse(text).iterate({
    enter({ type, name, from, to }) {
      const part = text.slice(from, to);
      if (type.isError) throw new Error(`no PromQL at "${text.slice(from)}" of ${text}`);
      // A selector's name comes before what is asked of it.
      if (name === 'Identifier') selections.push({ metric: part, matchers: [] });
      if (name === 'UnquotedLabelMatcher') selections.at(-1)?.matchers.push(part);
      if (name === 'LabelName') labels.add(part);
    },
  });
  const metrics = [...new Set(selections.map(({ metric }) => metric))];
  return { metrics, labels: [...labels], selections };
}
