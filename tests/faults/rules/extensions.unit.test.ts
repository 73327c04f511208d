import type { History } from '../history/history.ts';
import { answerOf, changeEvent, eventOf, orderOf, required, testBreaches } from './changed-history.ts';
import { lifeHistory } from './life-history.ts';
import { at } from './sample-history.ts';

const extension = (history: History, n: number) => required(orderOf(history, 'd1').extensions?.[n - 1]);

testBreaches(
  'extensions',
  [
    [
      'a hold goes beyond its limit',
      (history) => {
        history.settings.extension = { extensionMs: 3_000, holdLimitMs: 6_000 };
      },
    ],
    [
      'holds cannot be extended',
      (history) => {
        delete history.settings.extension;
      },
    ],
    ['an extension adds too much', (history) => (extension(history, 1).at = at(9_900))],
    [
      'an extension revives a hold that was over',
      (history) => {
        extension(history, 1).from = at(9_999);
      },
    ],
    [
      'an extension does not go on from the one before',
      (history) => (extension(history, 2).from = at(12_900)),
    ],
    ['an extension is missing', (history) => orderOf(history, 'd1').extensions?.shift()],
    [
      'an order ends sooner than it was extended to',
      (history) => (orderOf(history, 'd1').expiresAt = at(13_000)),
    ],
    [
      'an extension was answered and is lost',
      (history) => {
        orderOf(history, 'd1').extensions?.pop();
        orderOf(history, 'd1').expiresAt = at(13_000);
      },
    ],
    [
      'a refused request has extended a hold',
      (history) => {
        answerOf(history, 'request-d1-2').status = 409;
        delete answerOf(history, 'request-d1-2').shown;
      },
    ],
    [
      'nobody has asked for an extension',
      (history) => changeEvent(history, 'd1:extension:2', { correlationId: 'x' }),
    ],
  ],
  lifeHistory,
);

testBreaches(
  'events',
  [
    [
      'an extension is written after the order has ended',
      (history) => {
        eventOf(history, 'd1:extension:2').timestamp = `${at(15_700)}000000`;
      },
    ],
    [
      'an order is told to be created with its last end',
      (history) => changeEvent(history, 'd1:0', { expiresAt: new Date(at(15_500)).toISOString() }),
    ],
    [
      'an extension tells another end',
      (history) => changeEvent(history, 'd1:extension:1', { expiresAt: new Date(at(1)).toISOString() }),
    ],
    [
      'what a release gives back is told before its cancellation',
      (history) => {
        eventOf(history, 'f1:refund:p8').timestamp = `${at(11_005)}000000`;
      },
    ],
  ],
  lifeHistory,
);

testBreaches(
  'holds end',
  [
    [
      'an order expires before its extended end',
      (history) => (required(orderOf(history, 'd1').history[1]).at = at(13_100)),
    ],
  ],
  lifeHistory,
);
