import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drawCharts } from './charts.ts';

const machine = { processor: 'A', cores: 2, memoryGb: 8, system: 'Linux', node: 'v20', loadBefore: 0 };
const report = {
  at: '2030-01-01T00:00:00.000Z',
  command: 'npm run bench',
  servers: 'two',
  machine,
  figures: [],
};

test('When requests were measured, then their chart has a bar with the median, and there is no other chart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'charts-'));
  const ratios = [
    { what: 'place, 32 in flight, a second', of: 'candidate', to: 'baseline', rounds: [3, 5, 4] },
    { what: 'place, 32 in flight, CPU ms each', of: 'candidate', to: 'baseline', rounds: [0.5] },
  ];
  const drawn = await drawCharts({ ...report, ratios }, folder);
  expect(drawn).toEqual([join(folder, 'requests.svg')]);
  const svg = await readFile(join(folder, 'requests.svg'), 'utf8');
  expect(svg).toMatch(/^<svg/);
  expect(svg).toContain('4 ×');
  expect(svg).toContain('place, 32');
  expect(svg).not.toContain('CPU');
  await rm(folder, { recursive: true });
});
