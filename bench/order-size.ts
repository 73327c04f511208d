import { randomUUID } from 'node:crypto';
import mongoose from 'mongoose';
import { newOrder, paidOrder } from './fixtures/candidate-orders.ts';

/** The sizes that docs/scaling.md reckons with: `npx tsx bench/order-size.ts`. */

const options = { userId: new mongoose.Types.ObjectId().toHexString(), correlationId: randomUUID() };
const bytes = (document: object) => mongoose.mongo.BSON.calculateObjectSize(document);
const placed = newOrder(options);
const [created] = placed.outbox;

console.log(`an order that was just placed, BSON:  ${bytes(placed)} bytes`);
console.log(`an order that is paid for, BSON:      ${bytes(paidOrder(options))} bytes`);
console.log(`order:created, JSON:                  ${JSON.stringify(created?.data).length} bytes`);
