import type { EmbeddedStack } from '../../dev/embedded/stack.ts';

/** Jest loads the set-up and the teardown apart from each other, so a variable of this module would not do. */
declare global {
  // A global is declared by `var` alone.
  var ordersTestStack: EmbeddedStack | undefined;
}

/** Keeps the run's servers until the teardown. */
export function keepForTeardown(stack: EmbeddedStack): void {
  globalThis.ordersTestStack = stack;
}

/** The run's servers; `undefined` when the set-up did not get that far. */
export function takeForTeardown(): EmbeddedStack | undefined {
  const stack = globalThis.ordersTestStack;
  globalThis.ordersTestStack = undefined;
  return stack;
}
