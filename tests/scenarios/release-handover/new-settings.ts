import type { History, SeenMessage } from '../../faults/history/history.ts';
import { milliseconds } from '../../faults/history/order-events.ts';

/** Each status by a name of its own, so that every name can be read back. */
const statusNames = { pending: 'created', paid: 'complete', cancelled: 'called-off', expired: 'run-out' };

/** Two extensions or three reach the limit. */
export const extension = { extensionMs: 3_000, holdLimitMs: 8_000 };
const spacingMs = 1_000;

/** Every setting that changes what orders are or how they are shown, on. With this cooldown no order of the test is too old. */
export const newSettings = {
  ALLOWED_ORIGINS: 'https://shop.example.com',
  EVENT_SPACING_SECONDS: String(spacingMs / 1_000),
  LATE_PAYMENT: 'refund',
  LIST_SORT: 'createdAt',
  ORDER_COOLDOWN_SECONDS: '3600',
  ORDER_EXTENSION_SECONDS: String(extension.extensionMs / 1_000),
  ORDER_HOLD_LIMIT_SECONDS: String(extension.holdLimitMs / 1_000),
  // All that it stands for is set here.
  PEERS: 'classic',
  REFUND_ALERT_SECONDS: '1',
  STATUS_NAMES: Object.entries(statusNames)
    .map(([status, name]) => `${status}=${name}`)
    .join(','),
};

/**
 * The same history with every status by our word, so that the rules can judge both times at once; and each status that did not
 * have the name of its time: our word before `renamedAt`, the new name since.
 */
export function inOwnWords(history: History, renamedAt: number): { history: History; wrongNames: string[] } {
  const wrongNames: string[] = [];
  const read = (status: string, at: number, where: string): string => {
    const word = at < renamedAt ? ownWords.get(status) : newNames.get(status);
    if (word === undefined) wrongNames.push(`${where} says ${status}`);
    return word ?? status;
  };
  const answers = history.answers.map((answer) => {
    const { shown, sentAt, kind, requestId } = answer;
    if (!shown) return answer;
    return { ...answer, shown: { ...shown, status: read(shown.status, sentAt, `${kind} ${requestId}`) } };
  });
  const messages = history.messages.map((message): SeenMessage => {
    if (!message.subject.startsWith('order:')) return message;
    const data = JSON.parse(message.text) as { eventId: string; status?: string };
    if (data.status === undefined) return message;
    const at = milliseconds(BigInt(message.timestamp));
    return { ...message, text: JSON.stringify({ ...data, status: read(data.status, at, data.eventId) }) };
  });
  return { history: { ...history, answers, messages }, wrongNames };
}

/** What the broker got since then, with the spacing that was kept. */
export function since(history: History, at: number): History {
  const messages = history.messages.filter(({ timestamp }) => milliseconds(BigInt(timestamp)) >= at);
  const peers = { statusNames: {}, spacingMs, ackWaitMs: 0 };
  return { ...history, messages, settings: { ...history.settings, peers } };
}

const ownWords = new Map(Object.keys(statusNames).map((status) => [status, status]));
const newNames = new Map(Object.entries(statusNames).map(([status, name]) => [name, status]));
