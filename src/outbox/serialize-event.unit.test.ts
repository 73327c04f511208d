import { serializeEvent, UnreadableEvent } from './serialize-event.ts';

const event = {
  eventId: 'a:0',
  subject: 'order:created',
  data: { eventId: 'a:0', status: 'pending' },
  sender: 'x',
};

test('When an event leaves, then the message is what is made of it, and of its data alone if nothing is made', () => {
  const asJson = '{"eventId":"a:0","status":"pending"}';
  expect(serializeEvent(event, ({ data }) => data)).toBe(asJson);
  const toData = ({ subject, data }: { subject: string; data: object }) => ({ subject, ...data });
  expect(serializeEvent(event, toData)).toBe(`{"subject":"order:created",${asJson.slice(1)}`);
});

test('When no message can be made of an event, then it is one that cannot be read, and holds up no other', () => {
  const throwing = () => {
    throw new TypeError('not for this one');
  };
  expect(() => serializeEvent(event, throwing)).toThrow(UnreadableEvent);
  for (const stored of [undefined, 'a string', { ...event, data: [] }, { ...event, subject: '' }])
    expect(() => serializeEvent(stored, ({ data }) => data)).toThrow(UnreadableEvent);
});
