import type { Express } from 'express';
import type { Api } from '../../platform/openapi/openapi.ts';
import { mountEndpoints } from '../../platform/openapi/operation.ts';
import { otherMethods } from '../../platform/openapi/other-methods.ts';
import { ownStatusNames, type StatusNames } from '../domain/status-names.ts';
import type { CancelOrderDeps } from '../use-cases/cancel-order.ts';
import { introduction } from './api-introduction.ts';
import { cancelOrderEndpoint } from './cancel-order.ts';
import { deleteOrderEndpoint } from './delete-order.ts';
import { type ExtendOrderEndpointDeps, extendOrderEndpoint } from './extend-order.ts';
import { type ListOrdersEndpointDeps, listOrdersEndpoint } from './list-orders.ts';
import { publicResponses } from './order-responses.ts';
import { viewOrders } from './order-view.ts';
import { extensionPath, orderPath, ordersPath } from './paths.ts';
import { type PlaceOrderEndpointDeps, placeOrderEndpoint } from './place-order.ts';
import { type ShowOrderEndpointDeps, showOrderEndpoint } from './show-order.ts';
import { withStatusNames } from './status-words.ts';

export type OrderEndpointDeps = PlaceOrderEndpointDeps &
  ListOrdersEndpointDeps &
  ShowOrderEndpointDeps &
  CancelOrderDeps &
  ExtendOrderEndpointDeps;

/**
 * The API of orders whose statuses have these names, by default our own words: its description, and what gives an app its
 * routes.
 */
export function orderHttp(names: StatusNames = ownStatusNames) {
  const views = viewOrders(names);
  const ofAllOrders = [placeOrderEndpoint(views), listOrdersEndpoint(views)];
  const ofOneOrder = [showOrderEndpoint(views), cancelOrderEndpoint(views), deleteOrderEndpoint];
  const ofExtensions = [extendOrderEndpoint(views)];
  const api: Api = {
    title: 'Orders',
    introduction,
    tag: { name: 'Orders', description: 'Hold a ticket, follow the order, let it go.' },
    // Both are where an order's id would be, so these routes come before those of the orders.
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
      ...ofExtensions,
      otherMethods({
        path: extensionPath,
        operationId: 'optionsOfExtension',
        summary: 'Ask for the methods of the extension of an order',
        responses: publicResponses,
      }),
    ],
    toWording: (text) => withStatusNames(names, text),
  };
  const routes = (deps: OrderEndpointDeps) => (app: Express) =>
    mountEndpoints<OrderEndpointDeps>(app, [...ofAllOrders, ...ofOneOrder, ...ofExtensions], deps);
  return { api, routes };
}
