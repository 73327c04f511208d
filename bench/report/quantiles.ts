/** The median and the extremes of several measurements of one thing. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/**
 * The extremes show how far to trust the median.
 *
 * @throws RangeError when there is none
 */
export function spreadOf(values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), min: Math.min(...values), max: Math.max(...values) };
}

/**
 * The quantile of `fraction`, 0 to 1; between two values, it is interpolated.
 *
 * @throws RangeError when there is no value
 */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * fraction;
  const [below, above] = [sorted[Math.floor(position)], sorted[Math.ceil(position)]];
  if (below === undefined || above === undefined) throw new RangeError('no value was measured');
  return below + (above - below) * (position - Math.floor(position));
}

/** The value that `fraction` (0 to 1) of the sorted values are not above; 0 when there are none. */
export function percentile(sorted: readonly number[], fraction: number): number {
  return sorted[Math.ceil(sorted.length * fraction) - 1] ?? 0;
}
