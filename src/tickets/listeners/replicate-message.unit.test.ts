import pino from 'pino';
import { memoryTicketStore } from '../../../tests/support/memory-ticket-store.ts';
import { id } from '../../../tests/support/ticket-versions.ts';
import { ticketListeners } from './ticket-listeners.ts';

test('When a ticket with a long title comes, then its copy has a cut one, and that is logged and counted', async () => {
  const tickets = memoryTicketStore();
  const logged: Record<string, unknown>[] = [];
  const log = pino(
    {},
    { write: (line: string) => void logged.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const onTitleCut = jest.fn();
  const listeners = ticketListeners({ tickets: tickets.store, clock: () => new Date(), log, onTitleCut });
  const receive = async (subject: string, ticket: object) => {
    const message = { id, price: 20, userId: 'c'.repeat(24), ...ticket };
    const handler = listeners.find((listener) => listener.subject === subject);
    return handler?.handle(Buffer.from(JSON.stringify(message)));
  };
  expect(await receive('ticket:created', { version: 0, title: '🎻'.repeat(501) })).toEqual({
    outcome: 'applied',
  });
  expect(tickets.copyOf(id)?.title).toBe('🎻'.repeat(500));
  expect(await receive('ticket:updated', { version: 1, title: 'x'.repeat(60_000) })).toEqual({
    outcome: 'applied',
  });
  expect(tickets.copyOf(id)).toMatchObject({ version: 1, title: 'x'.repeat(500) });
  expect(onTitleCut).toHaveBeenCalledTimes(2);
  expect(logged).toMatchObject([
    { level: 40, ticketId: id, version: 0 },
    { level: 40, ticketId: id, version: 1 },
  ]);
  expect(JSON.stringify(logged)).not.toContain('xxx');

  await receive('ticket:updated', { version: 2, title: 'Chamber music' });
  expect(tickets.copyOf(id)?.title).toBe('Chamber music');
  expect(logged).toHaveLength(2);
});
