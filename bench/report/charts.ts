import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as echarts from 'echarts';
import type { Report } from './figures.ts';
import { spreadOf } from './quantiles.ts';
import { number } from './table.ts';

const [width, height] = [620, 260];

interface Bars {
  title: string;
  names: string[];
  /** As multiples of what the title says. */
  values: number[];
}

/** Draws what a run has measured as SVG files: requests against the baseline, and the effect of stored orders. */
export async function drawCharts(report: Report, folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const charts = { requests: requestsToBaseline(report), growth: growthWithOrders(report) };
  const drawn: string[] = [];
  for (const [name, bars] of Object.entries(charts)) {
    // It was not measured in this run.
    if (bars.values.length === 0) continue;
    const file = join(folder, `${name}.svg`);
    await writeFile(file, draw(bars));
    drawn.push(file);
  }
  return drawn;
}

function requestsToBaseline({ ratios }: Report): Bars {
  const rates = ratios.filter(({ what, to }) => to === 'baseline' && what.endsWith(', a second'));
  return {
    title: 'Requests a second, in times of the baseline',
    names: rates.map(({ what }) => what.replace(', a second', '').replace(' in flight', '')),
    values: rates.map(({ rounds }) => spreadOf(rounds).median),
  };
}

function growthWithOrders({ ratios }: Report): Bars {
  const grown = ratios.filter(({ of, to }) => of.endsWith(' orders') && to.endsWith(' orders'));
  const [largest, smallest] = [grown.at(-1)?.of, grown.at(-1)?.to];
  const shown = grown.filter(({ of }) => of === largest);
  return {
    title: `Median time with ${largest}, in times of that with ${smallest}`,
    names: shown.map(({ what }) => what.replace(', p50 ms', '').replace(', 4 in flight', '')),
    values: shown.map(({ rounds }) => spreadOf(rounds).median),
  };
}

/** Horizontal bars with their values, and a line at 1. */
function draw({ title, names, values }: Bars): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: title, left: 'center', textStyle: { fontSize: 13, fontWeight: 'normal' } },
    grid: { left: 30, right: 50, top: 40, bottom: 10, containLabel: true },
    xAxis: { type: 'value', min: 0 },
    yAxis: { type: 'category', data: names, inverse: true },
    series: [
      {
        type: 'bar',
        data: values,
        label: {
          show: true,
          position: 'right',
          formatter: ({ value }: { value?: unknown }) => `${number(Number(value))} ×`,
        },
        markLine: { silent: true, symbol: 'none', data: [{ xAxis: 1 }], label: { show: false } },
      },
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg}\n`;
}
