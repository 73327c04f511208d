/** The values of the examples in the API's description. */

export const exampleOrderId = '6b04db2da39c0fc557bdbfb7';
export const exampleTicketId = '6b04db2da39c0fc557bdbfa3';
export const exampleUserId = '6b04db2da39c0fc557bdbf01';
export const exampleCreatedAt = '2030-01-01T12:00:00.000Z';
export const exampleExpiresAt = '2030-01-01T12:15:00.000Z';
export const examplePurchasesPerMinute = 30;

/** The ids that the service sends. It takes capitals, too. */
export const idPattern = '^[0-9a-f]{24}$';
