import type { Express, Request, RequestHandler, Response } from 'express';
import { body, validationResult } from 'express-validator';
import mongoose from 'mongoose';
import type { Models } from './models.ts';

/** The baseline's routes (see models.ts): find the ticket, find an order, save, publish, wait for the broker, respond. */

/** An error response. */
export class RequestError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface RouteDeps extends Models {
  /** Resolves when the broker has acknowledged the event. */
  publish(subject: string, event: object): Promise<void>;
}

const holdMs = 15 * 60 * 1_000;

const requireAuth: RequestHandler = (req, _res, next) => {
  if (!req.user) throw new RequestError(401, 'Not authorized');
  next();
};

const validateRequest: RequestHandler = (req, _res, next) => {
  const problems = validationResult(req);
  if (!problems.isEmpty()) throw new RequestError(400, 'Invalid request parameters');
  next();
};

const ticketIdGiven = body('ticketId')
  .not()
  .isEmpty()
  .custom((input: string) => mongoose.Types.ObjectId.isValid(input))
  .withMessage('TicketId must be provided');

export function routes(app: Express, { Ticket, Order, publish }: RouteDeps): void {
  app.post(
    '/api/orders',
    requireAuth,
    [ticketIdGiven],
    validateRequest,
    async (req: Request, res: Response) => {
      const { ticketId } = req.body as { ticketId: string };
      const ticket = await Ticket.findById(ticketId);
      if (!ticket) throw new RequestError(404, 'Not Found');
      const reserved = await Order.findOne({ ticket: ticket._id, status: { $in: ['created', 'complete'] } });
      if (reserved) throw new RequestError(400, 'Ticket is already reserved');
      const expiresAt = new Date(Date.now() + holdMs);
      const order = new Order({ userId: req.user?.id, status: 'created', expiresAt, ticket });
      await order.save();
      await publish('order:created', {
        id: order.id as string,
        version: order.version,
        status: order.status,
        userId: order.userId,
        expiresAt: order.expiresAt.toISOString(),
        ticket: { id: ticket.id as string, price: ticket.price },
      });
      res.status(201).send(order);
    },
  );

  app.get('/api/orders', requireAuth, async (req, res) => {
    res.send(await Order.find({ userId: req.user?.id ?? '' }).populate('ticket'));
  });

  app.get('/api/orders/:orderId', requireAuth, async (req, res) => {
    const order = await Order.findById(req.params['orderId']).populate('ticket');
    if (!order) throw new RequestError(404, 'Not Found');
    if (order.userId !== req.user?.id) throw new RequestError(401, 'Not authorized');
    res.send(order);
  });

  app.patch('/api/orders/:orderId', requireAuth, async (req, res) => {
    const order = await Order.findById(req.params['orderId']).populate('ticket');
    if (!order) throw new RequestError(404, 'Not Found');
    if (order.userId !== req.user?.id) throw new RequestError(401, 'Not authorized');
    order.status = 'cancelled';
    await order.save();
    const ticket = { id: String(order.ticket._id) };
    await publish('order:cancelled', { id: order.id as string, version: order.version, ticket });
    res.send(order);
  });
}
