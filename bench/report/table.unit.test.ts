import { type Figure, type Report, ratio } from './figures.ts';
import { number, table } from './table.ts';

const figures: Figure[] = [
  { what: 'place', who: 'candidate', unit: 'a second', rounds: [3_000, 1_000, 2_000] },
  { what: 'place', who: 'baseline', unit: 'a second', rounds: [1_000, 500, 500] },
];
const machine = { processor: 'A', cores: 2, memoryGb: 8, system: 'Linux', node: 'v20', loadBefore: 0.25 };
const report: Report = {
  at: '2030-01-01T00:00:00.000Z',
  command: 'npm run bench',
  servers: 'a database, a broker',
  machine,
  figures,
  ratios: [
    ratio(
      figures,
      { what: 'place', who: 'candidate', unit: 'a second' },
      { what: 'place', who: 'baseline', unit: 'a second' },
    ),
  ],
};

test('When a run is shown, then there are medians, extremes and the ratio of the rounds', () => {
  expect(table(report)).toBe(
    [
      'a database, a broker',
      'A, 2 cores, 8 GB, Linux, Node v20; load before 0.3',
      '',
      '  place  candidate  2,000  a second  1,000 to 3,000',
      '  place  baseline     500  a second  500 to 1,000',
      '',
      'ratios, round by round',
      '  place, a second  candidate  3 ×  baseline  2 to 4',
    ].join('\n'),
  );
});

test('When a ratio is wanted of what was not measured, then the error says what is missing', () => {
  const placing = { what: 'place', who: 'candidate', unit: 'a second' };
  const showing = { ...placing, what: 'show' };
  expect(() => ratio(figures, placing, showing)).toThrow('not measured: show of candidate');
});

test.each([
  [12_345.6, '12,346'],
  [123.456, '123'],
  [0.0123456, '0.0123'],
  [0, '0'],
])('When the number is %d, then it is written as %s', (value, text) => {
  expect(number(value)).toBe(text);
});
