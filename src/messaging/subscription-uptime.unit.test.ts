import { createSubscriptionUptime } from './subscription-uptime.ts';

const start = Date.parse('2030-01-01T00:00:00Z');

function running() {
  let now = start;
  const times = createSubscriptionUptime(() => new Date(now));
  return {
    times,
    /** Seconds go by while the process looks at the clock. */
    live(seconds: number) {
      for (let second = 0; second < seconds; second++) {
        now += 1_000;
        times.tick();
      }
    },
    freeze(seconds: number) {
      now += seconds * 1_000;
    },
  };
}

const at = (seconds: number) => new Date(start + seconds * 1_000);

test('When a subject is subscribed to, then it is told since when, until all have ended', () => {
  const { times, live } = running();
  expect(times.of('a')).toBeUndefined();
  live(60);
  times.began('a');
  live(100);
  expect(times.of('a')).toEqual(at(60));
  expect(times.of('b')).toBeUndefined();
  times.allEnded();
  expect(times.of('a')).toBeUndefined();
});

test('When the process was frozen, then that was a break, noticed with the first look after it', () => {
  const { times, live, freeze } = running();
  times.began('a');
  live(100);
  freeze(600);
  expect(times.of('a')).toEqual(at(700));
  live(50);
  expect(times.of('a')).toEqual(at(700));
});

test('When the process was only busy for some seconds, then that was none', () => {
  const { times, live, freeze } = running();
  times.began('a');
  live(100);
  freeze(10);
  expect(times.of('a')).toEqual(at(0));
});

test('When the clock is set back, then the time before counts no more', () => {
  const { times, live, freeze } = running();
  times.began('a');
  live(100);
  freeze(-50);
  expect(times.of('a')).toEqual(at(50));
});
