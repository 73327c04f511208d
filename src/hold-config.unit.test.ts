import { requiredVariables } from '../tests/support/required-variables.ts';
import { readConfig } from './config.ts';
import { BadConfig } from './platform/process/environment.ts';

const read = (variables: Record<string, string>) => readConfig({ ...requiredVariables, ...variables });

function problemsOf(variables: Record<string, string>): string[] {
  try {
    read(variables);
    return [];
  } catch (error) {
    if (!(error instanceof BadConfig)) throw error;
    return error.problems;
  }
}

test('When nothing is set, then no hold is extended, and the longest one is four times the hold', () => {
  expect(read({})).toMatchObject({
    orderHoldMs: 900_000,
    orderExtensionMs: 0,
    orderHoldLimitMs: 3_600_000,
    orderCooldownMs: 0,
  });
  expect(read({ ORDER_HOLD_SECONDS: '5' })).toMatchObject({ orderHoldMs: 5_000, orderHoldLimitMs: 20_000 });
});

test('When they are set, then each is what it says', () => {
  const given = {
    ORDER_HOLD_SECONDS: '60',
    ORDER_EXTENSION_SECONDS: '120',
    ORDER_HOLD_LIMIT_SECONDS: '60',
    ORDER_COOLDOWN_SECONDS: '600',
  };
  expect(read(given)).toMatchObject({
    orderHoldMs: 60_000,
    orderExtensionMs: 120_000,
    orderHoldLimitMs: 60_000,
    orderCooldownMs: 600_000,
  });
});

test('When the longest hold is shorter than the hold, then that is said together with all else that is wrong', () => {
  const tooShort = 'ORDER_HOLD_LIMIT_SECONDS must not be less than ORDER_HOLD_SECONDS';
  expect(problemsOf({ ORDER_HOLD_LIMIT_SECONDS: '899' })).toEqual([expect.stringContaining(tooShort)]);
  const all = problemsOf({
    ORDER_HOLD_SECONDS: '60',
    ORDER_HOLD_LIMIT_SECONDS: '59',
    ORDER_EXTENSION_SECONDS: '-1',
    PORT: 'x',
  });
  expect(all).toEqual(
    expect.arrayContaining([
      expect.stringContaining('PORT'),
      expect.stringContaining('ORDER_EXTENSION_SECONDS must be a whole number from 0'),
      expect.stringContaining(tooShort),
    ]),
  );
  expect(all).toHaveLength(3);
});

test('When one of the two is not valid, then they are not compared', () => {
  expect(problemsOf({ ORDER_HOLD_SECONDS: 'x', ORDER_HOLD_LIMIT_SECONDS: '1' })).toHaveLength(1);
  expect(problemsOf({ ORDER_HOLD_LIMIT_SECONDS: 'x' })).toHaveLength(1);
});
