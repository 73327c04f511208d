import { countOverdueRefunds } from './overdue-refunds.ts';

test.each([
  ['there', true, 7, [new Date('2030-01-01T00:00:06Z')]],
  ['missing', false, undefined, []],
] as const)(
  'When the index is %s, then those are counted that were asked for so long ago, or none is',
  async (_, isReady, expected, until) => {
    const asked: Date[] = [];
    const count = await countOverdueRefunds({
      refunds: {
        async countOverdueRefunds(time) {
          asked.push(time);
          return 7;
        },
      },
      index: { isReady: () => isReady },
      alertMs: 4_000,
      clock: () => new Date('2030-01-01T00:00:10Z'),
    });
    expect([count, asked]).toEqual([expected, until]);
  },
);
