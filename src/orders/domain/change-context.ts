/** What a change needs to know beside the order: when it happens, and which request asked for it. */
export interface ChangeContext {
  now: Date;
  correlationId?: string;
}
