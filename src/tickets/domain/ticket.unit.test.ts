import { decideTicketEvent, implausibility, missingVersions } from './ticket.ts';

test.each([
  [undefined, 'created', 0, 'create'],
  [undefined, 'created', 4, 'create'],
  [undefined, 'updated', 1, 'gap'],
  [undefined, 'updated', 7, 'gap'],
  [0, 'created', 0, 'duplicate'],
  [3, 'created', 0, 'duplicate'],
  [3, 'created', 4, 'duplicate'],
  [3, 'created', 9, 'duplicate'],
  [3, 'updated', 2, 'duplicate'],
  [3, 'updated', 3, 'duplicate'],
  [3, 'updated', 4, 'apply'],
  [3, 'updated', 5, 'gap'],
  [3, 'updated', 10_003, 'gap'],
  [3, 'updated', 10_004, 'implausible'],
  [3, 'created', 10_003, 'duplicate'],
  [3, 'created', 10_004, 'implausible'],
  [3, 'updated', Number.MAX_SAFE_INTEGER, 'implausible'],
  [undefined, 'updated', 2 ** 31, 'gap'],
  [undefined, 'updated', 2 ** 31 + 1, 'implausible'],
  [undefined, 'created', 2 ** 31, 'create'],
  [undefined, 'created', 2 ** 31 + 1, 'implausible'],
  [2 ** 40, 'updated', 2 ** 40 + 1, 'apply'],
] as const)(
  'When the copy is at %s and %s of version %i comes, then that is: %s',
  (copy, kind, version, meaning) => {
    expect(decideTicketEvent(copy, { kind, version })).toBe(meaning);
  },
);

test('When versions are skipped, then the missing ones are those in between', () => {
  expect(missingVersions({ after: 2, to: 5 })).toEqual({ first: 3, last: 4 });
  expect(missingVersions({ after: 2, to: 4 })).toEqual({ first: 3, last: 3 });
});

test('When a copy is created behind a gap, then every version before is missing', () => {
  expect(missingVersions({ to: 3 })).toEqual({ first: 0, last: 2 });
});

test('When a version is not accepted, then the reason has both numbers', () => {
  expect(implausibility(3, 20_000)).toContain('version 20000 of a ticket whose copy is at 3');
  expect(implausibility(undefined, 2 ** 40)).toContain(`version ${2 ** 40} of a ticket without a copy`);
});
