import { hotTicket, show } from './request-scenarios.ts';

test('When the candidate sells the hot ticket once and refuses the others, then that counts', () => {
  expect(hotTicket.findProblem('candidate', { 201: 1, 409: 255 }, 256)).toBeUndefined();
});

test.each([
  ['sells it twice', { 201: 2, 409: 254 }],
  ['sells it to nobody', { 409: 256 }],
  ['fails once', { 201: 1, 409: 254, 503: 1 }],
])('When the candidate %s, then the measurement is not taken', (_what, statuses) => {
  expect(hotTicket.findProblem('candidate', statuses, 256)).toBe(
    `1 to 1 sales and refusals by 409 wanted, got ${JSON.stringify(statuses)}`,
  );
});

test.each([
  ['once', { 201: 1, 400: 255 }],
  ['to a few', { 201: 17, 400: 239 }],
  ['to everybody', { 201: 256 }],
])(
  'When the baseline sells the hot ticket %s, then that counts: it is what the measurement shows',
  (_what, statuses) => {
    expect(hotTicket.findProblem('baseline', statuses, 256)).toBeUndefined();
  },
);

test('When the baseline fails once, then the measurement is not taken', () => {
  expect(hotTicket.findProblem('baseline', { 201: 3, 400: 252, 500: 1 }, 256)).toBe(
    '1 to 256 sales and refusals by 400 wanted, got {"201":3,"400":252,"500":1}',
  );
});

test('When one answer of a plain scenario differs, then the measurement is not taken', () => {
  expect(show.findProblem('candidate', { 200: 256 }, 256)).toBeUndefined();
  expect(show.findProblem('candidate', { 200: 255, 404: 1 }, 256)).toContain('256 times 200 wanted');
});
