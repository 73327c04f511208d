import { firstAvailable, Unavailable } from './first-available.ts';

const absent = { name: 'absent', start: () => Promise.reject(new Unavailable('not installed')) };
const broken = { name: 'broken', start: () => Promise.reject(new Error('exit code 1')) };
const works = { name: 'works', start: () => Promise.resolve('server') };

test('When a source is absent or broken, then the next is used, and only the broken one is logged', async () => {
  const log = jest.fn();
  expect(await firstAvailable([absent, broken, works], { log, advice: '' })).toBe('server');
  expect(log.mock.calls).toEqual([['broken cannot be used, trying the next: exit code 1']]);
});

test('When none works, then the error says what to install and why each failed', async () => {
  const trial = firstAvailable([absent, broken], { log: () => undefined, advice: 'install one' });
  await expect(trial).rejects.toThrow('install one\n- absent: not installed\n- broken: exit code 1');
});
