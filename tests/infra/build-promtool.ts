/** Makes promtool ready before the tests need it, so that its build does not run beside them. */
import { findPromtool } from './promtool.ts';

const promtool = await findPromtool((line) => process.stdout.write(`${line}\n`));
process.stdout.write(
  promtool ? `${promtool}\n` : 'no promtool and no go: the alerts are not tried with promtool\n',
);
