/** An event as it is stored in an outbox. */
export interface OutboxEvent {
  eventId: string;
  subject: string;
  /** The content of the message. */
  data: object;
  /**
   * The id of the write that added the event, or of the removal that claimed it later. A process sends an outbox only
   * when the first event has an id of that process. Absent from the event of a new order.
   */
  sender?: string;
}
