import { toMessageId } from './message-id.ts';

test('When an event’s id is printable ASCII without blanks, then it is the message’s id', () => {
  expect(toMessageId('65a1:refund:pi_3~')).toBe('65a1:refund:pi_3~');
});

test.each(['a\nb', ' a', 'a ', 'a b', 'é', '', 'a'.repeat(256), 'a\u007f'])(
  'When it is %j, then its SHA-256 is, which differs from that of its neighbours',
  (id) => {
    expect(toMessageId(id)).toMatch(/^[0-9a-f]{64}$/);
    expect(toMessageId(id)).not.toBe(toMessageId(`${id}.`.trim()));
  },
);
