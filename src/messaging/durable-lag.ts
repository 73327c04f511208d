/** What a durable subscription on the broker, of whatever service, has not handled yet. */
export interface DurableLag {
  /** Of several, separated by commas. */
  subject: string;
  durable: string;
  /** Messages that were delivered to nobody yet. */
  waiting: number;
  /** Messages that somebody has, and has not acknowledged. */
  unacknowledged: number;
}
