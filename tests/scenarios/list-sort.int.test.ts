import { newId, signedIn } from '../support/buyer.ts';
import { readPages, storePastOrders } from '../support/order-pages.ts';
import { type OrdersApi, startOrdersApi } from '../support/orders-api.ts';

let newestFirst: OrdersApi;
let oldestFirst: OrdersApi;
beforeAll(async () => {
  newestFirst = await startOrdersApi();
  oldestFirst = await startOrdersApi({ listSort: 'createdAt' });
});

const hourAgo = Date.now() - 3_600_000;

/** A buyer with so many past orders, three of each millisecond; their ids come oldest first. */
async function buyerWith(count: number, { database }: OrdersApi) {
  const userId = newId();
  const times = Array.from({ length: count }, (_, index) => new Date(hourAgo + Math.floor(index / 3)));
  return { buyer: signedIn(userId), stored: await storePastOrders(database, { userId, times }) };
}

const idsOf = (pages: { ids: string[] }[]) => pages.flatMap(({ ids }) => ids);
const relsOf = (pages: { link?: { rel: string } }[]) => pages.map(({ link }) => link?.rel);

test.each(['createdAt', '-createdAt'] as const)(
  'When a list is sorted by %s, then its pages have every order once, also those of one time, and the Link keeps the sort',
  async (sort) => {
    const { buyer, stored } = await buyerWith(11, newestFirst);
    for (const limit of [1, 2, 4]) {
      const path = `/api/orders?sort=${sort}&status=cancelled&limit=${limit}`;
      const pages = await readPages(newestFirst, { buyer, path });
      expect(pages).toHaveLength(Math.ceil(11 / limit));
      expect(idsOf(pages)).toEqual(sort === 'createdAt' ? stored : stored.toReversed());
      for (const { link } of pages.slice(0, -1)) {
        expect(link?.rel).toBe('next');
        expect(new URLSearchParams(link?.path.split('?')[1]).get('sort')).toBe(sort);
      }
    }
    const paid = await readPages(newestFirst, { buyer, path: `/api/orders?sort=${sort}&status=paid` });
    expect(paid).toEqual([{ ids: [] }]);
  },
);

test('When orders are placed meanwhile, then the newest first do not show them, and the oldest first have them at the end', async () => {
  const { buyer, stored } = await buyerWith(5, newestFirst);
  const placed: string[] = [];
  const afterPage = async () => {
    newestFirst.pass(1);
    placed.push((await newestFirst.place(buyer)).id);
  };
  const falling = await readPages(newestFirst, {
    buyer,
    path: '/api/orders?sort=-createdAt&limit=2',
    afterPage,
  });
  expect(idsOf(falling)).toEqual(stored.toReversed());
  expect(placed).toHaveLength(3);
  const before = [...stored, ...placed];
  let count = 0;
  const rising = await readPages(newestFirst, {
    ...{ buyer, path: '/api/orders?sort=createdAt&limit=3' },
    // Pages that never end would be no test.
    afterPage: async () => (count++ < 2 ? afterPage() : undefined),
  });
  expect(idsOf(rising)).toEqual([...before, ...placed.slice(3)]);
});

test('When a cursor is used in the other direction, then the page goes back from the same order', async () => {
  const { buyer, stored } = await buyerWith(9, newestFirst);
  for (const [sort, other] of [
    ['createdAt', '-createdAt'],
    ['-createdAt', 'createdAt'],
  ]) {
    const [page] = await readPages(newestFirst, { buyer, path: `/api/orders?sort=${sort}&limit=5` });
    const cursor = new URLSearchParams(page?.link?.path.split('?')[1]).get('cursor');
    const back = await readPages(newestFirst, { buyer, path: `/api/orders?sort=${other}&cursor=${cursor}` });
    expect(idsOf(back)).toEqual(page?.ids.slice(0, 4).toReversed());
    expect(page?.ids[4]).toBe(stored[4]);
  }
});

test('When pages are turned back, then each ends before the cursor, and the Links lead to the beginning', async () => {
  const { buyer, stored } = await buyerWith(8, newestFirst);
  for (const [sort, sorted] of [
    ['createdAt', stored],
    ['-createdAt', stored.toReversed()],
  ] as const) {
    const path = `/api/orders?sort=${sort}&limit=3&page=prev`;
    const pages = await readPages(newestFirst, { buyer, path });
    expect(pages.map(({ ids }) => ids)).toEqual([sorted.slice(5), sorted.slice(2, 5), sorted.slice(0, 2)]);
    expect(relsOf(pages)).toEqual(['prev', 'prev', undefined]);
  }
});

test.each([100, 101, 250])(
  'When LIST_SORT is createdAt and a buyer has %i orders, then the newest 100 come, oldest first, and rel="prev" leads to all others',
  async (count) => {
    const { buyer, stored } = await buyerWith(count, oldestFirst);
    const pages = await readPages(oldestFirst, { buyer, path: '/api/orders' });
    expect(pages[0]?.ids).toEqual(stored.slice(-100));
    expect(idsOf(pages.toReversed())).toEqual(stored);
    expect(relsOf(pages)).toEqual([...Array(pages.length - 1).fill('prev'), undefined]);
    const paid = await readPages(oldestFirst, { buyer, path: '/api/orders?status=cancelled' });
    expect(paid.map(({ ids }) => ids)).toEqual(pages.map(({ ids }) => ids));
  },
);

test('When LIST_SORT is createdAt and orders are placed meanwhile, then the older pages stay as they are', async () => {
  const { buyer, stored } = await buyerWith(205, oldestFirst);
  const afterPage = () => oldestFirst.place(buyer);
  const pages = await readPages(oldestFirst, { buyer, path: '/api/orders', afterPage });
  expect(pages.map(({ ids }) => ids.length)).toEqual([100, 100, 5]);
  expect(idsOf(pages.toReversed())).toEqual(stored);
});

test('When LIST_SORT is createdAt and there is a limit or a cursor, then the pages begin at the oldest, and a sort decides for itself', async () => {
  const { buyer, stored } = await buyerWith(102, oldestFirst);
  const pages = await readPages(oldestFirst, { buyer, path: '/api/orders?limit=60' });
  expect(idsOf(pages)).toEqual(stored);
  expect(relsOf(pages)).toEqual(['next', undefined]);
  const { path = '' } = pages[0]?.link ?? {};
  // A replica whose LIST_SORT is another goes on with the same list.
  expect(new URLSearchParams(path.split('?')[1]).get('sort')).toBe('createdAt');
  const cursor = new URLSearchParams(path.split('?')[1]).get('cursor');
  const rest = await readPages(oldestFirst, { buyer, path: `/api/orders?cursor=${cursor}` });
  expect(idsOf(rest)).toEqual(stored.slice(60));
  const rising = await readPages(oldestFirst, { buyer, path: '/api/orders?sort=createdAt' });
  expect(idsOf(rising)).toEqual(stored);
  expect(relsOf(rising)).toEqual(['next', undefined]);
  const falling = await readPages(oldestFirst, { buyer, path: '/api/orders?sort=-createdAt' });
  expect(idsOf(falling)).toEqual(stored.toReversed());
});
