import { gapLeaseMs } from '../../src/tickets/use-cases/gap-lease.ts';
import { gapTimeoutMs, useTicketGaps } from '../support/ticket-gaps.ts';

const rig = useTicketGaps();

test('When many replicas in front cannot be written, then sound ones behind are closed in the same pass', async () => {
  const closeStaleGaps = await rig.steadyProcess();
  const [broken = '', ...others] = await rig.storeGaps(300, { jumps: 'a repair by hand' });
  rig.pass(1);
  const sound = await rig.storeGaps(10);
  rig.pass(gapTimeoutMs);
  await closeStaleGaps();
  expect(await rig.countAt(2, sound)).toBe(10);
  expect(await rig.countAt(2, [broken, ...others])).toBe(0);
  const reports = () => rig.logged.filter(({ kind, id }) => kind === 'ticket gap' && id === broken);
  expect(reports()).toMatchObject([{ level: 50 }]);

  // It is left for a while, then tried again, and reported once.
  rig.commands = [];
  await closeStaleGaps();
  expect(rig.commands.filter((command) => 'update' in command && command['update'] === 'tickets')).toEqual(
    [],
  );
  rig.pass(10_000);
  await closeStaleGaps();
  expect(reports()).toHaveLength(1);
  await rig.database
    .collection('tickets')
    .updateMany({ jumps: 'a repair by hand' }, { $unset: { jumps: 1 } });
  rig.pass(3_600_000);
  await closeStaleGaps();
  expect(await rig.countAt(2, [broken, ...others])).toBe(300);
  expect(reports()).toMatchObject([{ level: 50 }, { level: 30, msg: 'item works again' }]);
}, 30_000);

test('When more gaps are due than one pass takes, then passes follow, in as many round trips for 10 as for 250', async () => {
  const tripsFor = async (count: number) => {
    const closeStaleGaps = await rig.steadyProcess();
    const ids = await rig.storeGaps(count);
    rig.pass(gapTimeoutMs);
    rig.commands = [];
    await closeStaleGaps();
    const trips = rig.commands.length;
    expect(await rig.countAt(2, ids)).toBe(count);
    rig.pass(gapLeaseMs);
    return trips;
  };
  const [few, many] = [await tripsFor(10), await tripsFor(249)];
  // A page may begin with a second query; a trip for each gap would be hundreds.
  expect(many).toBeLessThan(few + 10);
  // No answer has a second part.
  expect(rig.commands.filter((command) => 'getMore' in command)).toEqual([]);
  await tripsFor(600);
}, 30_000);
