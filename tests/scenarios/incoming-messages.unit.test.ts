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
  'payment:refunded': { id: 're_1', orderId: id, paymentId: 'pay_1' },
  'expiration:complete': { orderId: id },
};
const subjects = Object.keys(schemas) as Subject[];

/** What the handler gets of a good message. */
const readAs = {
  ...good,
  'payment:created': { orderId: id, payment: { id: 'pay_1', stripeChargeId: 'ch_1' } },
};
const required: Record<Subject, string[]> = {
  'ticket:created': ['id', 'version', 'title', 'price'],
  'ticket:updated': ['id', 'version', 'title', 'price'],
  'payment:created': ['id', 'orderId'],
  'payment:refunded': ['orderId', 'paymentId'],
  'expiration:complete': ['orderId'],
};

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
    expect((await read(subject, JSON.stringify(good[subject]))).got).toEqual(readAs[subject]);
  });

  test('with unknown fields, then it is accepted without them', async () => {
    const message = JSON.stringify({ ...good[subject], added: { later: true } });
    expect((await read(subject, message)).got).toEqual(readAs[subject]);
  });

  test('with a required field missing, null or of another type, then it is refused by the field’s name', async () => {
    for (const field of required[subject]) {
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
    for (const field of [...required[subject], 'stripeChargeId', 'stripeId', 'chargeId']) {
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
    expect(got).toEqual(readAs[subject]);
    expect((got as { polluted?: true }).polluted).toBeUndefined();
    expect(({} as { polluted?: true }).polluted).toBeUndefined();
  });
});

test.each(['ticket:created', 'ticket:updated'] as const)(
  'When the numbers of a %s are off, then it is refused',
  async (subject) => {
    const ambiguous = ['', ' 1', '1.0', '01', '1e3', '0x1', '-1', '1,000', '9'.repeat(16)];
    for (const version of [-1, 1.5, 2 ** 53, { $numberInt: '1' }, ...ambiguous]) {
      expect([version, await accepts(subject, { ...ticket, version })]).toEqual([version, false]);
    }
    const texts = [
      '',
      ' 1',
      '12,50',
      '1.250',
      '1,250.00',
      '1e3',
      '.5',
      '5.',
      '-1',
      '012',
      'NaN',
      '€ 12',
      '1'.repeat(13),
    ];
    const extended = [
      ...texts.map(($numberDecimal) => ({ $numberDecimal })),
      { $numberDecimal: '1', more: 1 },
    ];
    for (const price of [-0.01, null, { $numberDecimal: 12 }, ...texts, ...extended]) {
      expect([price, await accepts(subject, { ...ticket, price })]).toEqual([price, false]);
    }
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

test.each([undefined, null, 'x', 7, {}, { $oid: id }, ['x']])(
  'When a field of a ticket that is not used here is %p, then its message is accepted',
  async (value) => {
    expect(await accepts('ticket:created', { ...good['ticket:created'], userId: value })).toBe(true);
    expect(await accepts('ticket:updated', { ...ticket, userId: value, orderId: value })).toBe(true);
  },
);

const extendedId = { $oid: id.toUpperCase() };

test.each(['ticket:created', 'ticket:updated'] as const)(
  'When the id and the numbers of a %s come in other forms of the same meaning, then they are read as the same',
  async (subject) => {
    for (const [given, meant] of [
      [{ id: extendedId }, { id }],
      [{ version: '12' }, { version: 12 }],
      [{ price: '12.5' }, { price: 12.5 }],
      [{ price: '0.05' }, { price: 0.05 }],
      [{ price: '999999999999.99' }, { price: 999_999_999_999.99 }],
      [{ price: { $numberDecimal: '20.00' } }, { price: 20 }],
    ]) {
      const { got } = await read(subject, JSON.stringify({ ...good[subject], ...given }));
      expect(got).toEqual({ ...good[subject], ...meant });
    }
  },
);

test('When a ticket is created at version "0", then it is, and an update to it is refused', async () => {
  expect((await read('ticket:created', JSON.stringify({ ...ticket, version: '0' }))).got).toMatchObject({
    version: 0,
  });
  expect(await accepts('ticket:updated', { ...ticket, version: '0' })).toBe(false);
});

test.each(['payment:created', 'expiration:complete'] as const)(
  'When the order of a %s comes as extended JSON, then it is that order, and only if nothing else is in it',
  async (subject) => {
    const withOrder = (orderId: unknown) => JSON.stringify({ ...good[subject], orderId });
    expect((await read(subject, withOrder(extendedId))).got).toMatchObject({ orderId: id });
    for (const orderId of [
      { $oid: 'a' },
      { $oid: null },
      { $oid: id, more: 1 },
      { $oid: { $oid: id } },
      [id],
    ]) {
      const { handled } = await read(subject, withOrder(orderId));
      expect(handled).toEqual({ rejected: expect.stringContaining('orderId: ') });
    }
  },
);

const payment = async (text: string) => {
  const { got, handled } = await read('payment:created', text);
  return got ? (got as { payment: unknown }).payment : handled;
};
const order = `"orderId":"${id}"`;

test.each([
  [`{"id":7,${order}}`, { id: '7' }],
  [`{"id":"7",${order}}`, { id: '7' }],
  [`{"id":0,${order}}`, { id: '0' }],
  [`{"id":9007199254740991,${order}}`, { id: '9007199254740991' }],
  [`{"id":{"$oid":"${id.toUpperCase()}"},${order}}`, { id }],
  [`{"id":"${id}",${order}}`, { id }],
  [
    `{"id":"p","stripeChargeId":"a","stripeId":"b","chargeId":"c",${order}}`,
    { id: 'p', stripeChargeId: 'a' },
  ],
  [`{"id":"p","chargeId":"c","stripeId":"b",${order}}`, { id: 'p', stripeChargeId: 'b' }],
  [`{"id":"p","stripeChargeId":null,"stripeId":"b",${order}}`, { id: 'p', stripeChargeId: 'b' }],
  [`{"id":"p","chargeId":12,${order}}`, { id: 'p', stripeChargeId: '12' }],
  [`{"id":"p","stripeId":{"$oid":"${id}"},${order}}`, { id: 'p', stripeChargeId: id }],
  [`{"id":"p","stripeChargeId":null,${order}}`, { id: 'p' }],
  [`{"id":"p",${order}}`, { id: 'p' }],
  // A name that does not count is like any other unknown field.
  [
    `{"id":"p","stripeChargeId":"a","stripeId":{"id":"b"},"chargeId":-1,${order}}`,
    { id: 'p', stripeChargeId: 'a' },
  ],
])('When %s is a payment, then its ids are these strings', async (text, read) => {
  expect(await payment(text)).toStrictEqual(read);
});

test.each([
  ['id', '9007199254740992'],
  // Which JSON.parse makes the one before.
  ['id', '9007199254740993'],
  ['id', '1e400'],
  ['id', '-1'],
  ['id', '1.5'],
  ['id', `{"$oid":"${id}","id":"x"}`],
  ['id', '{"$oid":"pay_1"}'],
  ['id', 'true'],
  ['stripeChargeId', '9007199254740993'],
  ['stripeId', '""'],
  ['chargeId', '{"id":"ch"}'],
])('When the %s of a payment is %s, then it is refused by that name', async (name, value) => {
  const text = JSON.stringify({ id: 'p', orderId: id, [name]: '?' }).replace('"?"', value);
  expect(await payment(text)).toEqual({ rejected: expect.stringContaining(`${name}: `) });
});

test('When the first name for the charge has a value that cannot be, then no other stands in for it', async () => {
  const { handled } = await read('payment:created', `{"id":"p","stripeChargeId":-1,"stripeId":"b",${order}}`);
  expect(handled).toEqual({ rejected: expect.stringContaining('stripeChargeId: ') });
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
