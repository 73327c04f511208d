import { resolve } from 'node:path';

/**
 * The compiled form of a file of this folder, such as `jobs/run-jobs.js`. What is measured is compiled beforehand: a
 * compiler in the process would be measured, too.
 */
export const compiled = (file: string) => resolve('dist/measured/bench', file);
