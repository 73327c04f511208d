import { errorSpec } from './error-spec.ts';
import { retryAfterHeader } from './response-headers.ts';

const tooHot = errorSpec<{ degrees: number; field?: string }>({
  status: 418,
  code: 'too_hot',
  message: ({ degrees }) => `${degrees} degrees are too many`,
  details: {
    degrees: { schema: { type: 'number' }, value: ({ degrees }) => degrees },
    field: { schema: { type: 'string' }, optional: true, value: ({ field }) => field },
  },
  headers: [{ header: retryAfterHeader, value: ({ degrees }) => degrees - 90 }],
  example: { degrees: 96 },
});

test('When an error is made of its definition, then status, body and headers are those of the definition', () => {
  const { status, problems, headers } = tooHot.error({ degrees: 99, field: 'tea' });
  expect({ status, headers }).toEqual({ status: 418, headers: { 'Retry-After': '9' } });
  const body = '[{"message":"99 degrees are too many","field":"tea","code":"too_hot","degrees":99}]';
  expect(JSON.stringify(problems)).toBe(body);
});

test('When an error is described, then its example is made as its answers are, and what is undefined is left out', () => {
  expect(tooHot.example).toEqual({ message: '96 degrees are too many', code: 'too_hot', degrees: 96 });
  expect(tooHot.headers).toEqual([retryAfterHeader]);
});

test('When a middleware sets the header, then the error has it in its description alone', () => {
  const spec = errorSpec({
    status: 429,
    code: 'slow',
    message: 'slow',
    headers: [{ header: retryAfterHeader }],
  });
  expect(spec.headers).toEqual([retryAfterHeader]);
  expect(spec.error().headers).toEqual({});
});
