import { createSubscriptionUptime } from './subscription-uptime.ts';

const start = Date.parse('2030-01-01T00:00:00Z');

function running() {
  let now = start;
  const uptime = createSubscriptionUptime(() => new Date(now));
  return {
    uptime,
    /** Seconds go by while the process reads the clock. */
    live(seconds: number) {
      for (let second = 0; second < seconds; second++) {
        now += 1_000;
        uptime.tick();
      }
    },
    freeze(seconds: number) {
      now += seconds * 1_000;
    },
  };
}

const at = (seconds: number) => new Date(start + seconds * 1_000);

test('When a subject is subscribed to, then it has a time since when, until all have ended', () => {
  const { uptime, live } = running();
  expect(uptime.since('a')).toBeUndefined();
  live(60);
  uptime.began('a');
  live(100);
  expect(uptime.since('a')).toEqual(at(60));
  expect(uptime.since('b')).toBeUndefined();
  uptime.allEnded();
  expect(uptime.since('a')).toBeUndefined();
});

test('When the process was frozen, then that was a break, noticed at the first reading of the clock after it', () => {
  const { uptime, live, freeze } = running();
  uptime.began('a');
  live(100);
  freeze(600);
  expect(uptime.since('a')).toEqual(at(700));
  live(50);
  expect(uptime.since('a')).toEqual(at(700));
});

test('When the process was only busy for some seconds, then that was none', () => {
  const { uptime, live, freeze } = running();
  uptime.began('a');
  live(100);
  freeze(10);
  expect(uptime.since('a')).toEqual(at(0));
});

test('When the clock is set back, then the time before counts no more', () => {
  const { uptime, live, freeze } = running();
  uptime.began('a');
  live(100);
  freeze(-50);
  expect(uptime.since('a')).toEqual(at(50));
});
