/** Where the orders are. */
export const ordersPath = '/api/orders';
export const orderPath = `${ordersPath}/:orderId`;
