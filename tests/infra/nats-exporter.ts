import { parse } from 'yaml';
import { z } from 'zod';
import { renderOverlay } from './kustomization.ts';

const config = z.strictObject({
  modules: z.record(
    z.string(),
    z.strictObject({
      metrics: z.array(
        z.strictObject({
          name: z.string(),
          type: z.literal('object'),
          valuetype: z.literal('gauge'),
          help: z.string(),
          path: z.string(),
          labels: z.record(z.string(), z.string()).default({}),
          values: z.record(z.string(), z.string()),
        }),
      ),
    }),
  ),
});
const configMap = z.looseObject({ data: z.strictObject({ 'config.yml': z.string() }) });
const monitor = z.looseObject({
  endpoints: z.array(
    z.looseObject({
      params: z.strictObject({ module: z.tuple([z.string()]), target: z.tuple([z.string()]) }),
    }),
  ),
});

/** A page of the broker's monitoring, and the metrics that are made of it. */
export interface ExportedPage {
  url: string;
  metrics: { name: string; labels: string[]; found: { within: string; fields: string[] } }[];
}

/** What the exporter of the overlay `prod` is asked for, and what it makes of it. @throws when that does not fit together */
export function exportedPages(): ExportedPage[] {
  const own = renderOverlay('prod').filter(({ metadata }) => metadata.name === 'nats-exporter');
  const find = (kind: string) => own.find((manifest) => manifest.kind === kind);
  const { modules } = config.parse(parse(configMap.parse(find('ConfigMap')).data['config.yml']));
  return monitor.parse(find('ServiceMonitor')?.['spec']).endpoints.map(({ params }) => {
    const module = modules[params.module[0]];
    if (!module) throw new Error(`no module ${params.module[0]}`);
    return { url: params.target[0], metrics: module.metrics.flatMap(metricsOf) };
  });
}

type Configured = z.infer<typeof config>['modules'][string]['metrics'][number];

/** Of an object each value is a metric of its own: https://github.com/prometheus-community/json_exporter */
function metricsOf({ name, path, labels, values }: Configured): ExportedPage['metrics'] {
  return Object.entries(values).map(([value, field]) => ({
    name: `${name}_${value}`,
    labels: Object.keys(labels),
    found: { within: path, fields: [...Object.values(labels), field] },
  }));
}
