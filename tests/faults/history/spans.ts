/** A time from `from` to `to`, in milliseconds since 1970. */
export interface Span {
  from: number;
  to: number;
}

/** The same time as spans that do not touch each other, the earliest first. */
export function merged(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans.filter(({ from, to }) => from < to).sort((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
    else result.push({ ...span });
  }
  return result;
}

/** The time that lies in both. */
export function intersection(one: readonly Span[], other: readonly Span[]): Span[] {
  return merged(
    one.flatMap((span) =>
      other.map(({ from, to }) => ({ from: Math.max(from, span.from), to: Math.min(to, span.to) })),
    ),
  );
}

/** How long the spans are together, in milliseconds. */
export function duration(spans: readonly Span[]): number {
  return merged(spans).reduce((sum, { from, to }) => sum + to - from, 0);
}
