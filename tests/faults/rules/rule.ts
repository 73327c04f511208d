import type { History } from '../history/history.ts';

/** Looks at a history and says in what way it breaks one promise. Pure. */
export type Rule = (history: History) => string[];
