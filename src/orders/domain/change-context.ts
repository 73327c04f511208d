/** What a change needs to know beside the order: when it happens, and which request asked for it. */
export interface ChangeContext {
  now: Date;
  correlationId?: string;
}

/** The context of a change at this moment, for a request whose id may not be known. */
export function changeContext(now: Date, correlationId: string | undefined): ChangeContext {
  return correlationId === undefined ? { now } : { now, correlationId };
}
