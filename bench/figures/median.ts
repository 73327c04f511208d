/** What many measurements of one thing come to. */
export interface Spread {
  median: number;
  least: number;
  most: number;
}

/**
 * The median of the measurements, and their extremes, which tell how far to trust it.
 *
 * @throws RangeError when there is none
 */
export function spreadOf(values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), least: Math.min(...values), most: Math.max(...values) };
}

/**
 * The value that the given part of the values, 0 to 1, is below or at; between two values, what lies between them.
 *
 * @throws RangeError when there is no value
 */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * part;
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (below === undefined || above === undefined) throw new RangeError('no value was measured');
  return below + (above - below) * (place - Math.floor(place));
}
