/** No single database operation of a request or a message takes longer than this, in milliseconds. */
export const operationTimeoutMs = 4_000;

/** How long the driver waits for a server that can take an operation. */
export const selectionTimeoutMs = 2_000;

/** How long the driver waits for a new connection to a server. */
export const connectTimeoutMs = 2_000;

/** How long an operation waits for a connection of the pool. */
export const poolWaitTimeoutMs = 2_000;

/**
 * The interval in which the driver checks each server, in milliseconds, and the minimum that it allows. So the service sees
 * the start and the end of an outage also without operations (availability.ts).
 */
export const heartbeatMs = 500;
