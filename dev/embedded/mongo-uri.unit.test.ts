import { withDatabase } from './mongo-uri.ts';

test.each([
  ['mongodb://db', 'mongodb://db/orders'],
  ['mongodb://db:27017/', 'mongodb://db:27017/orders'],
  ['mongodb://db/old?w=majority', 'mongodb://db/orders?w=majority'],
  ['mongodb://a:1,b:2,c:3/?replicaSet=rs', 'mongodb://a:1,b:2,c:3/orders?replicaSet=rs'],
  ['mongodb://db?tls=true', 'mongodb://db/orders?tls=true'],
  ['mongodb+srv://me:secret@db/old', 'mongodb+srv://me:secret@db/orders?authSource=old'],
  ['mongodb://me:secret@db/', 'mongodb://me:secret@db/orders?authSource=admin'],
  ['mongodb://me:secret@db/old?authSource=users', 'mongodb://me:secret@db/orders?authSource=users'],
])('When %s is given another database, then it is %s', (uri, expected) => {
  expect(withDatabase(uri, 'orders')).toBe(expected);
});

test('When it is no connection string, then it is refused and not repeated', () => {
  expect(() => withDatabase('http://me:secret@db', 'orders')).toThrow(/^not a MongoDB connection string$/);
});
