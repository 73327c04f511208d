import type { Answer, History, SeenMessage, StoredOrder, StoredTicket } from '../history/history.ts';
import { checkHistory, type Finding } from './check-history.ts';
import { at, eventsOf, goodHistory, message, placing } from './sample-history.ts';

/** What a history may go wrong by, and the change to the sample history that makes it so. */
export type Breach = [what: string, change: (history: History) => void];

/** Tests that the rule finds each of the breaches of a sample history. */
export function testBreaches(rule: string, breaches: Breach[], sample = goodHistory): void {
  test.each(breaches)(`When %s, then the rule "${rule}" finds it`, (_, change) => {
    expect(findings(change, sample).map((finding) => finding.rule)).toContain(rule);
  });
}

/** What the rules find in a sample history after a change to it. */
export function findings(change: (history: History) => void, sample = goodHistory): Finding[] {
  const history = sample();
  change(history);
  return checkHistory(history);
}

export function orderOf({ orders }: History, id: string): StoredOrder {
  return required(orders.find((one) => one.id === id));
}

export function answerOf({ answers }: History, requestId: string): Answer {
  return required(answers.find((one) => one.requestId === requestId));
}

export function ticketOf({ tickets }: History, name: string): StoredTicket {
  return required(tickets.find(({ id }) => id.startsWith(name)));
}

export function eventOf({ messages }: History, eventId: string): SeenMessage {
  return required(messages.find(({ text }) => text.includes(`"eventId":"${eventId}"`)));
}

export function changeEvent(history: History, eventId: string, change: object): void {
  const event = eventOf(history, eventId);
  event.text = JSON.stringify({ ...(JSON.parse(event.text) as object), ...change });
}

export function required<Item>(item: Item | undefined): Item {
  if (item === undefined) throw new Error('the sample has nothing of the kind');
  return item;
}

export function updateOf(version: number, ms: number): SeenMessage {
  const data = { id: 'a'.padEnd(24, '0'), version, title: 'Jazz', price: 20, userId: 'seller' };
  return message('ticket:updated', data, ms);
}

/** Version 2^53 - 1 of ticket `a` is published; its replica skips to it after the time-out, and is reset to version 1. */
export function skipFarAndReset(history: History): void {
  const to = Number.MAX_SAFE_INTEGER;
  history.messages.push(updateOf(to, 2_000));
  const replica = ticketOf(history, 'a');
  replica.jumps.push({ after: 1, to, at: at(4_500) });
  replica.resets = [{ from: to, to: 1, at: at(9_000), reason: 'sent by mistake' }];
}

/** Puts an order with its answer and its events into a history. */
export function add(history: History, added: StoredOrder): void {
  history.orders.push(added);
  history.answers.push(placing(added));
  history.messages.push(...eventsOf(added));
}

/** Gives the broker an event once more. */
export function repeat(history: History, eventId: string, ms: number): void {
  history.messages.push({ ...eventOf(history, eventId), sequence: 99, timestamp: `${at(ms)}000000` });
}

export function drop(history: History, unwanted: (message: SeenMessage) => boolean): void {
  history.messages = history.messages.filter((one) => !unwanted(one));
}
