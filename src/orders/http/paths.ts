/** The path of the orders. */
export const ordersPath = '/api/orders';
export const orderPath = `${ordersPath}/:orderId`;
export const extensionPath = `${orderPath}/extension`;
