import { readOrigins } from './cross-site.ts';

test.each([
  ['https://shop.example', ['https://shop.example']],
  ['https://Shop.Example:443/, http://localhost:3001', ['https://shop.example', 'http://localhost:3001']],
  ['http://[::1]:8080', ['http://[::1]:8080']],
])('When the origins are %p, then they are read as browsers write them', (text, origins) => {
  expect(readOrigins(text)).toEqual(origins);
});

test.each([
  '',
  'shop.example',
  'https://shop.example/path',
  'https://shop.example,',
  'https://a@shop.example',
  'null',
  '*',
])('When a list of origins is %p, then it is refused', (text) => {
  expect(readOrigins(text)).toBeUndefined();
});
