import { listener, maxMessageBytes } from '../../src/messaging/listener.ts';
import { orderMessageSchemas } from '../../src/orders/listeners/order-listeners.ts';
import { ticketMessageSchemas } from '../../src/tickets/listeners/ticket-listeners.ts';

const schemas = { ...ticketMessageSchemas, ...orderMessageSchemas };
type Subject = keyof typeof schemas;

const id = 'a'.repeat(24);
const ticket = { id, version: 1, title: 'Concert', price: 12.5, userId: 'u1' };
const good: Record<Subject, Record<string, unknown>> = {
  'ticket:created': { ...ticket, version: 0 },
  'ticket:updated': ticket,
  'payment:created': { id: 'pay_1', orderId: id, stripeChargeId: 'ch_1' },
  'expiration:complete': { orderId: id },
};
const subjects = Object.keys(schemas) as Subject[];

/** What the handler got; `undefined` when it was not called. */
async function read(subject: Subject, message: Uint8Array | string) {
  let got: unknown;
  const { handle } = listener<unknown>(subject, schemas[subject], async (data) => {
    got = data;
    return { outcome: 'handled' };
  });
  const handled = await handle(typeof message === 'string' ? Buffer.from(message) : message);
  expect('rejected' in handled).toBe(got === undefined);
  return { got, handled };
}

const accepts = async (subject: Subject, data: unknown) =>
  (await read(subject, JSON.stringify(data))).got !== undefined;

describe.each(subjects)('When a %s comes', (subject) => {
  test('and is as agreed, then it is accepted', async () => {
    expect((await read(subject, JSON.stringify(good[subject]))).got).toEqual(good[subject]);
  });

  test('with unknown fields, then it is accepted without them', async () => {
    const message = JSON.stringify({ ...good[subject], added: { later: true } });
    expect((await read(subject, message)).got).toEqual(good[subject]);
  });

  test('with a field missing, null or of another type, then it is refused by the field’s name', async () => {
    for (const field of Object.keys(good[subject])) {
      for (const value of [undefined, null, true, [], {}]) {
        const { got, handled } = await read(subject, JSON.stringify({ ...good[subject], [field]: value }));
        expect(got).toBeUndefined();
        expect(handled).toEqual({ rejected: expect.stringContaining(`${field}:`) });
      }
    }
  });

  test('with an id that is none, then it is refused', async () => {
    const field = 'orderId' in good[subject] ? 'orderId' : 'id';
    for (const bad of ['', 'g'.repeat(24), 'a'.repeat(23), 'a'.repeat(25), `${id}\n`, 7, { $ne: null }]) {
      expect(await accepts(subject, { ...good[subject], [field]: bad })).toBe(false);
    }
    const upper = await read(subject, JSON.stringify({ ...good[subject], [field]: 'A'.repeat(24) }));
    expect(upper.got).toMatchObject({ [field]: id });
  });

  test.each(['', '{', 'NaN', '{"orderId":NaN}', 'null', '[]', '7', '"text"', 'true', '{}', '[{}]', '\u0000'])(
    'that is %j, then it is refused',
    async (message) => {
      expect((await read(subject, message)).got).toBeUndefined();
    },
  );

  test('that is not UTF-8, then it is refused', async () => {
    const text = JSON.stringify({ ...good[subject], added: 'é' });
    const { handled } = await read(subject, Buffer.from(text, 'latin1'));
    expect(handled).toEqual({ rejected: expect.stringContaining('UTF-8') });
  });

  test.each([
    ['sk_live_1 and more of it', 'no JSON value at position 0'],
    ['{"id": sk_live_1}', 'no JSON value at position 7'],
    ['{"id":"sk_live_1"', 'it ends too early, at position 17'],
    [Buffer.from('{"id":"sk_live_1\xff"}', 'latin1'), 'no character at byte 16'],
    [Buffer.from('{"id":"\ufffdsk_live_1\ufffd"}').subarray(0, 20), 'no character at byte 20'],
  ])('that is %p, then the reason names place and kind, and quotes nothing', async (message, flaw) => {
    const { handled } = await read(subject, message);
    expect(handled).toEqual({ rejected: `not JSON in UTF-8: ${flaw}` });
  });

  test('with its secret in the wrong place, then the reason quotes nothing', async () => {
    for (const field of Object.keys(good[subject])) {
      for (const value of [['sk_live_1'], { sk_live_1: 'sk_live_1' }, 'sk_live_1'.repeat(999)]) {
        const message = JSON.stringify({ ...good[subject], [field]: value, sk_live_1: 1 });
        expect(JSON.stringify((await read(subject, message)).handled)).not.toContain('sk_live');
      }
    }
  });

  test('that is as large as allowed, then it is accepted, and one byte more is refused', async () => {
    const text = JSON.stringify(good[subject]);
    const atMost = text.padEnd(maxMessageBytes, ' ');
    expect((await read(subject, atMost)).got).toBeDefined();
    const { handled } = await read(subject, `${atMost} `);
    expect(handled).toEqual({ rejected: expect.stringContaining('too large') });
  });

  test('that brings its fields by __proto__, then it is refused and no prototype changes', async () => {
    const inherited = `{"__proto__":${JSON.stringify(good[subject])}}`;
    expect((await read(subject, inherited)).got).toBeUndefined();
    const polluting = JSON.stringify(good[subject]).replace('{', '{"__proto__":{"polluted":true},');
    const { got } = await read(subject, polluting);
    expect(got).toEqual(good[subject]);
    expect((got as { polluted?: true }).polluted).toBeUndefined();
    expect(({} as { polluted?: true }).polluted).toBeUndefined();
  });
});

test.each(['ticket:created', 'ticket:updated'] as const)(
  'When the numbers of a %s are off, then it is refused',
  async (subject) => {
    for (const version of [-1, 1.5, '1', 2 ** 53]) {
      expect(await accepts(subject, { ...ticket, version })).toBe(false);
    }
    for (const price of [-0.01, '12', null]) expect(await accepts(subject, { ...ticket, price })).toBe(false);
    const infinite = JSON.stringify(ticket).replace('12.5', '1e999');
    expect((await read(subject, infinite)).got).toBeUndefined();
  },
);

test('When a ticket is free or has an empty title, then it is accepted', async () => {
  expect(await accepts('ticket:created', { ...ticket, price: 0, title: '' })).toBe(true);
});

test('When a ticket is updated to version 0, then it is refused', async () => {
  expect(await accepts('ticket:updated', { ...ticket, version: 0 })).toBe(false);
});

test.each([
  [undefined, true],
  [null, true],
  ['x', true],
  [7, false],
  [{}, false],
])('When an update’s orderId is %p, then acceptance is %p', async (orderId, accepted) => {
  expect(await accepts('ticket:updated', { ...ticket, orderId })).toBe(accepted);
});

test('When a payment’s ids are empty, too long, not Unicode or have controls, then it is refused', async () => {
  for (const field of ['id', 'stripeChargeId']) {
    for (const [value, accepted] of [
      ['', false],
      ['x'.repeat(255), true],
      ['x'.repeat(256), false],
      ['p\ud800', false],
      ['p🎟', true],
      ['p\u001b[2J', false],
      ['p\u007f', false],
      ['p\u009b2J', false],
      ['p\u202e', false],
    ]) {
      expect(await accepts('payment:created', { ...good['payment:created'], [field as string]: value })).toBe(
        accepted,
      );
    }
  }
});
