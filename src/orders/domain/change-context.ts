/** The time of a change, and the id of the request that asked for it. */
export interface ChangeContext {
  now: Date;
  correlationId?: string;
}
