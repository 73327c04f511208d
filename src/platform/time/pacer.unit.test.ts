import { createPacer } from './pacer.ts';

/** A caller whose turns come at these times, in milliseconds, when it is busy for so long after each. */
async function turns(perSecond: number, busyMs: number[]): Promise<number[]> {
  let uptime = 7_000;
  const sleep = async (milliseconds: number) => {
    uptime += milliseconds;
  };
  const waitTurn = createPacer({ perSecond, uptimeMs: () => uptime, sleep });
  const times: number[] = [];
  for (const ms of busyMs) {
    await waitTurn();
    times.push(uptime - 7_000);
    uptime += ms;
  }
  return times;
}

test('When the caller is quick, then its turns are an interval apart, and the first one is at once', async () => {
  expect(await turns(4, [0, 100, 250, 0])).toEqual([0, 250, 500, 750]);
});

test('When the caller is slow, then it goes on at once and does not catch up', async () => {
  expect(await turns(4, [0, 900, 0, 0])).toEqual([0, 250, 1_150, 1_400]);
});
