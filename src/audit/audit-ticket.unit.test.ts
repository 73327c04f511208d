import mongoose from 'mongoose';
import { auditTicket } from './audit-ticket.ts';

const _id = new mongoose.Types.ObjectId();
const at = (second: number) => new Date(second * 1_000);
const ticket = { _id, title: 'A', price: 1, version: 7 };
const far = Number.MAX_SAFE_INTEGER;
const hostile = { after: 7, to: far, at: at(5) };
const put = (second: number) => ({ from: far, to: 7, at: at(second), reason: 'r' });

test.each([
  ['began there', { version: far }],
  ['jumped there', { version: far, jumps: [hostile] }],
  ['jumped less far, but too far', { version: 10_008, jumps: [{ after: 7, to: 10_008, at: at(5) }] }],
  ['jumped there again, after a reset', { version: far, jumps: [hostile], resets: [put(4)] }],
])('When a copy %s, then it is named', (_, spoilt) => {
  expect(auditTicket({ ...ticket, ...spoilt })).toMatchObject([
    { severity: 'due', rule: 'version_out_of_reach', subject: _id.toHexString() },
  ]);
});

test.each([
  ['is where its updates have brought it', { version: 2 ** 31 }],
  ['jumped as far as is believed', { version: 10_007, jumps: [{ after: 7, to: 10_007, at: at(5) }] }],
  ['began behind a gap', { version: 20_000, jumps: [{ to: 20_000, at: at(5) }] }],
  ['was reset', { jumps: [hostile], resets: [put(6)] }],
])('When a copy %s, then nothing is said', (_, sound) => {
  expect(auditTicket({ ...ticket, ...sound })).toEqual([]);
});
