import { z } from 'zod';
import { choiceField } from '../../platform/http/request-fields.ts';
import { type OrderStatus, orderStatuses } from '../domain/order.ts';
import { outsideNames, type StatusNames, statusesNamed } from '../domain/status-names.ts';

/** How the API's description speaks of statuses: by the names that clients know. */

const meanings: Record<OrderStatus, string> = {
  pending: 'payment is awaited, and the ticket is held while `holdSecondsLeft` is above 0.',
  paid: 'the ticket is bought, for good.',
  cancelled: 'the buyer has let it go, for good.',
  expired: 'the time was up; a late payment may still make it `paid` while nobody else holds the ticket.',
};

/** The status of an order in an answer. */
export function statusSchema(names: StatusNames) {
  const described = outsideNames(names).map((name) => {
    const meaning = statusesNamed(names, name).map((status) => meanings[status]);
    return `\`${name}\`: ${meaning.join(' Or: ')}`;
  });
  return z.enum(outsideNames(names)).meta({ id: 'OrderStatus', description: described.join(' ') });
}

/** The status that a list is asked for. */
export function statusField(names: StatusNames) {
  return choiceField({
    choices: outsideNames(names),
    description: 'Only orders that are in this status.',
  });
}

/**
 * Puts the outside names into a text that has our own words for statuses in backticks, such as `paid`. Where two of a list
 * share their name, it stands there once.
 */
export function withStatusNames(names: StatusNames, text: string): string {
  return text
    .replaceAll(/`(\w+)`/g, (word, status: string) => nameOf(names, status) ?? word)
    .replaceAll(/, (`[^`]+`) or \1/g, ' or $1')
    .replaceAll(/(`[^`]+`) or \1/g, '$1');
}

function nameOf(names: StatusNames, word: string): string | undefined {
  const status = orderStatuses.find((one) => one === word);
  return status && `\`${names[status]}\``;
}
