/** The path of the orders. */
export const ordersPath = '/api/orders';
export const orderPath = `${ordersPath}/:orderId`;
