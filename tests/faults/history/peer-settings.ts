import type { History } from './history.ts';

/** What a status of ours is called in events and answers of the round. */
export function outsideName({ settings }: Pick<History, 'settings'>, status: string): string {
  return settings.peers?.statusNames[status] ?? status;
}

/** How long after an event that locks or unlocks a ticket the order's next one may leave, and the ticket is free again. */
export function spacingMs({ settings }: Pick<History, 'settings'>): number {
  return settings.peers?.spacingMs ?? 0;
}
