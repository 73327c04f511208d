import type { Answer, History, SeenMessage, StoredOrder, StoredTicket } from '../history/history.ts';
import { checkHistory } from './check-history.ts';
import { at, eventsOf, goodHistory, message, order, placing } from './sample-history.ts';

/** What the rules say about the sample after something in it was changed. */
function findings(change: (history: History) => void) {
  const history = goodHistory();
  change(history);
  return checkHistory(history);
}

function orderOf({ orders }: History, id: string): StoredOrder {
  return required(orders.find((one) => one.id === id));
}

function answerOf({ answers }: History, requestId: string): Answer {
  return required(answers.find((one) => one.requestId === requestId));
}

function ticketOf({ tickets }: History, name: string): StoredTicket {
  return required(tickets.find(({ id }) => id.startsWith(name)));
}

function eventOf({ messages }: History, eventId: string): SeenMessage {
  return required(messages.find(({ text }) => text.includes(`"eventId":"${eventId}"`)));
}

function required<Item>(item: Item | undefined): Item {
  if (item === undefined) throw new Error('the sample has nothing of the kind');
  return item;
}

function news(version: number, ms: number): SeenMessage {
  const data = { id: 'a'.padEnd(24, '0'), version, title: 'Jazz', price: 20, userId: 'seller' };
  return message('ticket:updated', data, ms);
}

/** Somebody sends version 2^53 - 1 of ticket `a`; its copy goes to it after the time-out, and is put back to version 1. */
function resetHostileJump(history: History): void {
  const to = Number.MAX_SAFE_INTEGER;
  history.messages.push(news(to, 2_000));
  const copy = ticketOf(history, 'a');
  copy.jumps.push({ after: 1, to, at: at(4_500) });
  copy.resets = [{ from: to, to: 1, at: at(9_000), reason: 'nobody meant it' }];
}

/** Puts an order with its answer and its events into a history. */
function add(history: History, added: StoredOrder): void {
  history.orders.push(added);
  history.answers.push(placing(added));
  history.messages.push(...eventsOf(added));
}

/** Has the broker get an event once more. */
function repeat(history: History, eventId: string, ms: number): void {
  history.messages.push({ ...eventOf(history, eventId), sequence: 99, timestamp: `${at(ms)}000000` });
}

function drop(history: History, unwanted: (message: SeenMessage) => boolean): void {
  history.messages = history.messages.filter((one) => !unwanted(one));
}

test('When nothing went wrong, then no rule finds anything', () => {
  expect(checkHistory(goodHistory())).toEqual([]);
});

test('When an operator has reset a ticket, then no rule finds anything, and it follows what comes after', () => {
  expect(findings(resetHostileJump)).toEqual([]);
  const followed = findings((history) => {
    resetHostileJump(history);
    history.messages.push(news(2, 9_100));
    ticketOf(history, 'a').version = 2;
  });
  expect(followed).toEqual([]);
});

test('When faults, duplicates and unknown outcomes change nothing for anybody, then no rule finds anything', () => {
  const found = findings((history) => {
    repeat(history, 'a1:0', 9_000);
    answerOf(history, 'request-a2').status = 503;
    delete answerOf(history, 'request-a2').shown;
    history.answers.push({ ...answerOf(history, 'request-a1'), requestId: 'again', answeredAt: at(500) });
  });
  expect(found).toEqual([]);
});

test('When a process was frozen between reading the time and writing, then the stale time is no second holder', () => {
  const found = findings((history) => {
    const late = order('a0', 'a', -2_000, [['expired', 1_000, 'expiry']]);
    // Its insert landed in between two others, although it was decided on before the first of them.
    const [created, expired] = eventsOf(late);
    history.orders.push(late);
    history.messages.push({ ...required(created), timestamp: `${at(3_098)}000000` }, required(expired));
    history.answers.push({ ...placing(late), answeredAt: at(3_098) });
  });
  expect(found.filter(({ rule }) => rule === 'one holder')).toEqual([]);
});

const breaches: [what: string, rule: string, change: (history: History) => void][] = [
  [
    'two orders hold a ticket at once',
    'one holder',
    (history) => add(history, order('a3', 'a', 1_000, [['cancelled', 1_500, 'buyer']])),
  ],
  [
    'a late payment takes a ticket that another order holds',
    'one holder',
    (history) => add(history, order('c2', 'c', 6_300, [['cancelled', 6_900, 'buyer']])),
  ],
  [
    'two orders are stored as holders',
    'one holder',
    (history) => (orderOf(history, 'a1').holdsTicket = true),
  ],
  ['an order that was answered is gone', 'answers', (history) => history.orders.pop()],
  [
    'a refused request made an order',
    'answers',
    (history) => {
      answerOf(history, 'request-b1').status = 409;
    },
  ],
  [
    'a placed order is not found again',
    'answers',
    (history) => {
      const { userId } = orderOf(history, 'b1');
      const times = { sentAt: at(1), answeredAt: at(2) };
      history.answers.push({
        requestId: 'r',
        service: 's',
        kind: 'show',
        userId,
        orderId: 'b1',
        status: 404,
        ...times,
      });
    },
  ],
  [
    'a cancellation was answered and is lost',
    'answers',
    (history) => {
      const answer = answerOf(history, 'request-a2');
      history.answers.push({ ...answer, requestId: 'c', kind: 'cancel', status: 200 });
    },
  ],
  ['an order belongs to somebody else', 'answers', (history) => (orderOf(history, 'b1').userId = 'another')],
  [
    'the wrong ticket was sold',
    'answers',
    (history) => (answerOf(history, 'request-b1').ticketId = 'another'),
  ],
  [
    'a status was shown that never was',
    'answers',
    (history) => {
      required(answerOf(history, 'request-b1').shown).status = 'paid';
    },
  ],
  [
    'an order comes from nowhere',
    'answers',
    (history) => {
      history.answers = history.answers.filter(({ requestId }) => requestId !== 'request-b1');
    },
  ],
  ['the service fails with 500', 'answers', (history) => (answerOf(history, 'request-lost').status = 500)],
  [
    'a key made two orders',
    'idempotency keys',
    (history) => {
      const { userId } = orderOf(history, 'b1');
      add(history, { ...order('b2', 'b', 2_000, [['cancelled', 2_100, 'buyer']]), userId, key: 'key of b1' });
    },
  ],
  [
    'two requests without a key got one order',
    'idempotency keys',
    (history) => {
      const { key: _, ...answer } = answerOf(history, 'request-b1');
      history.answers.push({ ...answer, requestId: 'one' }, { ...answer, requestId: 'two' });
    },
  ],
  [
    'a paid order is cancelled',
    'changes',
    (history) => {
      Object.assign(
        orderOf(history, 'a2'),
        order('a2', 'a', 3_100, [
          ['paid', 4_000, 'payment'],
          ['cancelled', 4_100, 'buyer'],
        ]),
      );
    },
  ],
  ['a version is left out', 'changes', (history) => (orderOf(history, 'b1').version = 2)],
  [
    'an expired order still has its hold',
    'changes',
    (history) => (orderOf(history, 'a1').holdsTicket = true),
  ],
  ['an event never came', 'events', (history) => drop(history, ({ text }) => text.includes('"c1:1"'))],
  [
    'a refund was never told',
    'events',
    (history) => drop(history, ({ text }) => text.includes('a1:refund:p1')),
  ],
  [
    'an event tells of a change that never was',
    'events',
    (history) => {
      history.messages.push(message('order:paid', { eventId: 'b1:7', id: 'b1' }, 2_000));
    },
  ],
  [
    'an event tells another status',
    'events',
    (history) => {
      const event = eventOf(history, 'a1:1');
      event.text = event.text.replace('"expired"', '"cancelled"');
    },
  ],
  [
    'the events of an order changed places',
    'events',
    (history) => {
      eventOf(history, 'c1:2').timestamp = `${at(3_000)}000000`;
    },
  ],
  [
    'an event came again with other contents',
    'events',
    (history) => {
      const event = eventOf(history, 'a2:0');
      const text = event.text.replace('"price":20', '"price":21');
      history.messages.push({ ...event, text, timestamp: `${at(9_000)}000000` });
    },
  ],
  ['a copy stays behind', 'replicas', (history) => (ticketOf(history, 'a').version = 0)],
  ['a copy has other data', 'replicas', (history) => (ticketOf(history, 'a').price = 21)],
  [
    'a ticket was never copied',
    'replicas',
    (history) => {
      history.messages.push(message('ticket:created', { id: 'new', version: 0, title: '', price: 1 }, 0));
    },
  ],
  [
    'a copy goes over a version without a record',
    'replicas',
    (history) => (ticketOf(history, 'c').jumps = []),
  ],
  [
    'a gap is closed too early',
    'replicas',
    (history) => {
      required(ticketOf(history, 'c').jumps[0]).at = at(1_000);
    },
  ],
  [
    'a copy is not where its reset has put it',
    'replicas',
    (history) => {
      resetHostileJump(history);
      ticketOf(history, 'a').version = 2;
    },
  ],
  [
    'a copy does not follow what came after its reset',
    'replicas',
    (history) => {
      resetHostileJump(history);
      history.messages.push(news(2, 9_100));
    },
  ],
  [
    'a copy goes over a version after its reset without a record',
    'replicas',
    (history) => {
      resetHostileJump(history);
      history.messages.push(news(3, 9_100));
      ticketOf(history, 'a').version = 3;
    },
  ],
  ['an update stays parked', 'replicas', (history) => history.parked.push({ ticketId: 'a', version: 3 })],
  [
    'an order shows a price that never was',
    'replicas',
    (history) => {
      orderOf(history, 'b1').ticket = { title: 'Jazz', price: 1, version: 1 };
    },
  ],
  [
    'a hold outlives its time',
    'holds end',
    (history) => {
      history.faults = [];
      add(history, order('b2', 'b', 2_000, [['expired', 14_000, 'expiry']]));
    },
  ],
  [
    'a hold outlives an outage by far',
    'holds end',
    (history) => {
      add(history, order('b2', 'b', 4_000, [['expired', 40_000, 'expiry']]));
    },
  ],
  [
    'a hold outlives its time while one process works',
    'holds end',
    (history) => {
      history.faults = [{ kind: 'freeze', target: 'service-1', startedAt: at(0), endedAt: at(20_000) }];
      add(history, order('b2', 'b', 2_000, [['expired', 20_000, 'expiry']]));
    },
  ],
  [
    'a hold ends too early',
    'holds end',
    (history) => {
      required(orderOf(history, 'a1').history[1]).at = at(2_900);
    },
  ],
  ['a hold never ends', 'holds end', (history) => add(history, order('b2', 'b', 2_000))],
  ['a payment is lost', 'settlements', (history) => (orderOf(history, 'b1').payments = [])],
  [
    'a payment is settled twice',
    'settlements',
    (history) => {
      const { payments } = orderOf(history, 'b1');
      payments.push(...payments);
    },
  ],
  ['a paid order has no payment', 'settlements', (history) => (orderOf(history, 'a2').payments = [])],
  [
    'a payment comes from nowhere',
    'settlements',
    (history) => {
      drop(history, ({ subject, text }) => subject === 'payment:created' && text.includes('"p3"'));
    },
  ],
  [
    'money is given back although nobody has the ticket',
    'settlements',
    (history) => {
      add(history, order('b2', 'b', 2_000, [['expired', 5_000, 'expiry']], [['p6', 5_500, 'ticket_taken']]));
    },
  ],
  [
    'money is given back for an order that was not paid',
    'settlements',
    (history) => {
      required(orderOf(history, 'b1').payments[0]).refund = 'already_paid';
    },
  ],
  [
    'money is given back for an order that was not cancelled',
    'settlements',
    (history) => {
      required(orderOf(history, 'a1').payments[0]).refund = 'order_cancelled';
    },
  ],
  ['an event was never sent', 'outboxes', (history) => orderOf(history, 'a1').outbox.push('a1:1')],
  ['a malformed message is lost', 'dead letters', (history) => history.deadLetters.pop()],
  [
    'a malformed message is kept twice',
    'dead letters',
    (history) => history.deadLetters.push(...history.deadLetters),
  ],
  [
    'a good message is set aside',
    'dead letters',
    (history) => {
      history.deadLetters.push({
        subject: 'ticket:created',
        sequence: 1,
        timestamp: '1',
        reason: 'failed 5 times',
      });
    },
  ],
  [
    'a process ends by itself',
    'processes',
    (history) => {
      history.exits.push({ service: 'service-1', at: at(1), how: 'exit code 1' });
    },
  ],
  [
    'an event of a quiet time comes after more than 5 s',
    'lag',
    (history) => {
      eventOf(history, 'b1:refund:p3').timestamp = `${at(6_501)}000000`;
    },
  ],
  [
    'an event of a quiet time never comes',
    'lag',
    (history) => drop(history, ({ text }) => text.includes('"b1:refund:p3"')),
  ],
  [
    'too few events are of a quiet time',
    'lag',
    (history) => {
      required(history.faults[0]).startedAt = at(6_499);
    },
  ],
  [
    'too few events are of a quiet time, since the database did not answer for 4 s',
    'lag',
    (history) => history.outages.push({ from: at(-33_000), to: at(-29_000) }),
  ],
  ['an event comes twice in a quiet time', 'repetitions', (history) => repeat(history, 'b1:0', 500)],
  [
    'an event comes twice when the last fault is more than 30 s ago',
    'repetitions',
    (history) => repeat(history, 'c1:2', 38_001),
  ],
  [
    'an event comes again after a later one of its order, and the fault was over 20 s before',
    'repetitions',
    (history) => repeat(history, 'a1:0', 28_001),
  ],
  [
    'an event comes again after a later one of its order, and the database was slow, but answered within 4 s',
    'repetitions',
    (history) => {
      history.outages.push({ from: at(26_000), to: at(29_999) });
      repeat(history, 'a1:0', 30_000);
    },
  ],
  [
    'an event comes again after a refund of its order, and the fault was over 20 s before',
    'repetitions',
    (history) => repeat(history, 'a1:1', 28_001),
  ],
  [
    'an event comes again after a later one of its order, and the fault was over when it was written',
    'repetitions',
    (history) => {
      add(history, order('b2', 'b', 8_500, [['cancelled', 8_600, 'buyer']]));
      repeat(history, 'b2:0', 9_000);
    },
  ],
];

test.each(breaches)('When %s, then the rule "%s" finds it', (_, rule, change) => {
  expect(findings(change).map((finding) => finding.rule)).toContain(rule);
});

test('When a hold outlives its time by an outage of the database, then that is no finding', () => {
  const found = findings((history) => add(history, order('b2', 'b', 4_000, [['expired', 20_000, 'expiry']])));
  expect(found).toEqual([]);
});

test('When a hold outlives its time while the database is slow for everybody, then that is no finding', () => {
  const found = findings((history) => {
    history.faults = [];
    history.outages = [{ from: at(6_000), to: at(14_000) }];
    history.settings.minJudgedEvents = 3;
    add(history, order('b2', 'b', 4_000, [['expired', 30_000, 'expiry']]));
  });
  expect(found).toEqual([]);
});

test('When the change of a late event was made while or shortly after something was wrong, then that is no finding', () => {
  const late = (history: History) => {
    eventOf(history, 'c1:2').timestamp = `${at(20_000)}000000`;
    eventOf(history, 'c1:refund:p5').timestamp = `${at(20_001)}000000`;
  };
  expect(findings(late)).toEqual([]);
  const settling = (history: History) => {
    add(history, order('b2', 'b', 37_999, [['cancelled', 45_000, 'buyer']]));
    eventOf(history, 'b2:0').timestamp = `${at(44_000)}000000`;
  };
  expect(findings(settling).filter(({ rule }) => rule === 'lag')).toEqual([]);
});

test('When an event comes again before any later one of its order, and a fault is less than 30 s ago, then that is no finding', () => {
  expect(findings((history) => repeat(history, 'c1:refund:p5', 37_999))).toEqual([]);
});

test('When an event comes again after a later one within 20 s of a fault or an outage of the database, then it is excused', () => {
  expect(findings((history) => repeat(history, 'a1:0', 27_999))).toEqual([]);
  const slow = (history: History) => {
    history.outages.push({ from: at(20_000), to: at(24_000) });
    repeat(history, 'a1:0', 43_000);
  };
  expect(findings(slow)).toEqual([]);
});
