import { type EveryField, withoutUndefined } from './every-field.ts';

interface Sample {
  id: string;
  note?: string;
}

test('When a field is undefined, then it is left out, and every other value stays', () => {
  const sample = withoutUndefined<Sample>({ id: '', note: undefined });
  expect(Object.entries(sample)).toEqual([['id', '']]);
  expect(withoutUndefined<Sample>({ id: 'a', note: 'b' })).toEqual({ id: 'a', note: 'b' });
  expect(withoutUndefined<{ gone: null }>({ gone: null })).toEqual({ gone: null });
});

test('When an optional field is not named, then it does not compile', () => {
  // @ts-expect-error `note` has to be named.
  const forgotten: EveryField<Sample> = { id: 'a' };
  expect(forgotten).toEqual({ id: 'a' });
});
