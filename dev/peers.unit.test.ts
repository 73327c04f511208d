import { readPeers } from './peers.ts';

test('When --peers is left out or classic, then these are the peers', () => {
  expect(readPeers([])).toBeUndefined();
  expect(readPeers(['--peers', 'classic'])).toBe('classic');
});

test.each([
  [['--peers', 'modern'], '--peers must be classic, or be left out, not "modern"'],
  [['--peers', ''], '--peers must be classic, or be left out, not ""'],
  [['--peers'], "Option '--peers <value>' argument missing"],
  [['--peer', 'classic'], "Unknown option '--peer'"],
  [['classic'], "Unexpected argument 'classic'"],
])('When the command line is %j, then the error says what is allowed', (args, message) => {
  expect(() => readPeers(args)).toThrow(message);
});
