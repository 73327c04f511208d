/** An event as it waits in an outbox. */
export interface OutboxEvent {
  eventId: string;
  subject: string;
  /** What the message will hold. */
  data: object;
  /**
   * The mark of the write that added the event, or of the process that has claimed it since. The process that finds its
   * own mark at the head of an outbox, and no other, sends that outbox. Absent from the event of a new order.
   */
  sender?: string;
}
