import type { Express } from 'express';
import type { Api } from '../../platform/openapi/openapi.ts';
import { mountEndpoints } from '../../platform/openapi/operation.ts';
import { otherMethods } from '../../platform/openapi/other-methods.ts';
import type { CancelOrderDeps } from '../use-cases/cancel-order.ts';
import { introduction } from './api-introduction.ts';
import { cancelOrderEndpoint } from './cancel-order.ts';
import { deleteOrderEndpoint } from './delete-order.ts';
import { type ListOrdersEndpointDeps, listOrdersEndpoint } from './list-orders.ts';
import { publicResponses } from './order-responses.ts';
import { orderPath, ordersPath } from './paths.ts';
import { type PlaceOrderEndpointDeps, placeOrderEndpoint } from './place-order.ts';
import { type ShowOrderEndpointDeps, showOrderEndpoint } from './show-order.ts';

export type OrderEndpointDeps = PlaceOrderEndpointDeps &
  ListOrdersEndpointDeps &
  ShowOrderEndpointDeps &
  CancelOrderDeps;

const ofAllOrders = [placeOrderEndpoint, listOrdersEndpoint];
const ofOneOrder = [showOrderEndpoint, cancelOrderEndpoint, deleteOrderEndpoint];

/** The routes of all endpoints. */
export function orderRoutes(deps: OrderEndpointDeps): (app: Express) => void {
  return (app) => mountEndpoints<OrderEndpointDeps>(app, [...ofAllOrders, ...ofOneOrder], deps);
}

/** The API as it is described to clients. */
export const orderApi: Api = {
  title: 'Orders',
  introduction,
  tag: { name: 'Orders', description: 'Hold a ticket, follow the order, let it go.' },
  // Both match the path of one order, too, so these routes must be mounted before that one.
  documentPath: `${ordersPath}/openapi.json`,
  pagePath: `${ordersPath}/docs`,
  operations: [
    ...ofAllOrders,
    otherMethods({
      path: ordersPath,
      operationId: 'optionsOfOrders',
      summary: 'Ask for the methods of the orders',
      responses: publicResponses,
    }),
    ...ofOneOrder,
    otherMethods({
      path: orderPath,
      operationId: 'optionsOfOrder',
      summary: 'Ask for the methods of an order',
      responses: publicResponses,
    }),
  ],
};
