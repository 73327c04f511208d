/** An event as it is stored in an outbox. */
export interface OutboxEvent {
  eventId: string;
  subject: string;
  /** The content of the message. */
  data: object;
  /**
   * The mark of the write that added the event, or of the process that has claimed it since. A process sends an outbox
   * only when its own mark is on the first event. Absent from the event of a new order.
   */
  sender?: string;
}
