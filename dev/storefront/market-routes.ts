import express, { type Express, type Response } from 'express';
import { type Buyer, requireBuyer } from '../stand-ins/auth-routes.ts';
import type { PaymentsService } from '../stand-ins/payments-service.ts';
import type { TicketsService } from '../stand-ins/tickets-service.ts';

export interface MarketDeps {
  jwtKey: string;
  tickets: TicketsService;
  payments: PaymentsService;
}

/** The HTTP side of the tickets and payments stand-ins. */
export function marketRoutes({ jwtKey, tickets, payments }: MarketDeps): (app: Express) => void {
  return (app) => {
    app.get('/api/tickets', (_req, res) => {
      res.json(tickets.list());
    });
    app.get('/api/tickets/:ticketId', (req, res) => {
      const ticket = tickets.find(req.params.ticketId);
      if (ticket) res.json(ticket);
      else res.status(404).json({ errors: [{ message: 'There is no such ticket' }] });
    });

    app.use('/api/payments', requireBuyer(jwtKey), express.json());
    app.post('/api/payments', (req, res) => {
      const body: unknown = req.body;
      const orderId = typeof body === 'object' && body && 'orderId' in body ? body.orderId : undefined;
      if (typeof orderId !== 'string' || !/^[0-9a-f]{24}$/.test(orderId)) {
        res.status(400).json({ errors: [{ message: 'must be 24 hexadecimal digits', field: 'orderId' }] });
        return;
      }
      res.status(201).json(payments.pay({ orderId, userId: buyerIn(res).id }));
    });
    app.get('/api/payments/:orderId', (req, res) => {
      const payment = payments.find(req.params.orderId);
      if (payment?.userId === buyerIn(res).id) res.json(payment);
      else res.json({ orderId: req.params.orderId, state: 'none' });
    });
  };
}

function buyerIn(res: Response): Buyer {
  return res.locals['buyer'] as Buyer;
}
