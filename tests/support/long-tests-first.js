import TestSequencer from '@jest/test-sequencer';

/** Tests that wait for what a broker delivers again after 30 s, or for many processes one after the other. */
const long = /conformance|crashes|src\/index\.int|dev\/index\.int/;

/** Begins with the long tests, so that at the end no worker is left alone with one of them. */
export default class LongTestsFirst extends TestSequencer {
  /** @param {{ path: string }[]} tests */
  sort(tests) {
    const [first, later] = [[], []];
    for (const test of super.sort(tests)) (long.test(test.path) ? first : later).push(test);
    return [...first, ...later];
  }
}
