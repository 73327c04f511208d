import express, { type Express, type Response } from 'express';
import { type Buyer, requireBuyer } from '../stand-ins/auth-routes.ts';
import type { RefusedPayment } from '../stand-ins/classic-payments-service.ts';
import type { Payment } from '../stand-ins/payments-service.ts';
import type { TicketTrouble } from '../stand-ins/ticket-trouble.ts';
import type { TicketView } from '../stand-ins/tickets-service.ts';

type Awaitable<Value> = Value | Promise<Value>;

/** What the shop shows and causes of the tickets service, whichever stand-in it is. */
export interface ShopTickets extends Omit<TicketTrouble, 'stop'> {
  list(): Awaitable<TicketView[]>;
  find(ticketId: string): Awaitable<TicketView | undefined>;
}

interface ShopPayments {
  pay(order: { orderId: string; userId: string }): Awaitable<Payment | RefusedPayment>;
  find(orderId: string): Awaitable<Payment | undefined>;
  /** It takes no payment for an order that has ended, and gives none back by itself. */
  closesWithOrder?: true;
}

export interface MarketDeps {
  jwtKey: string;
  tickets: ShopTickets;
  payments: ShopPayments;
}

/** The HTTP side of the tickets and payments stand-ins. */
export function marketRoutes({ jwtKey, tickets, payments }: MarketDeps): (app: Express) => void {
  const shown = (payment: object) => ({ ...payment, closesWithOrder: payments.closesWithOrder === true });
  return (app) => {
    app.get('/api/tickets', async (_req, res) => {
      res.json(await tickets.list());
    });
    app.get('/api/tickets/:ticketId', async (req, res) => {
      const ticket = await tickets.find(req.params.ticketId);
      if (ticket) res.json(ticket);
      else res.status(404).json({ errors: [{ message: 'There is no such ticket' }] });
    });

    app.use('/api/payments', requireBuyer(jwtKey), express.json());
    app.post('/api/payments', async (req, res) => {
      const body: unknown = req.body;
      const orderId = typeof body === 'object' && body && 'orderId' in body ? body.orderId : undefined;
      if (typeof orderId !== 'string' || !/^[0-9a-f]{24}$/.test(orderId)) {
        res.status(400).json({ errors: [{ message: 'must be 24 hexadecimal digits', field: 'orderId' }] });
        return;
      }
      const outcome = await payments.pay({ orderId, userId: buyerIn(res).id });
      if ('refused' in outcome) res.status(outcome.refused).json({ errors: [{ message: outcome.message }] });
      else res.status(201).json(shown(outcome));
    });
    app.get('/api/payments/:orderId', async (req, res) => {
      const payment = await payments.find(req.params.orderId);
      if (payment?.userId === buyerIn(res).id) res.json(shown(payment));
      else res.json(shown({ orderId: req.params.orderId, state: 'none' }));
    });
  };
}

function buyerIn(res: Response): Buyer {
  return res.locals['buyer'] as Buyer;
}
