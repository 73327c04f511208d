/**
 * Runs a part of the tests, over the built service, on each tested release of Node.js whose line does not run this program
 * (`npm run test:nodes`); the whole suite runs on that one. Which part, and why: docs/decisions/0066-tests-on-three-nodes.md
 * Paths as arguments are run instead: `npm run test:nodes -- tests/conformance`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { buildThis } from '../../dev/builds.ts';
import { errorMessage } from '../../dev/embedded/error-details.ts';
import { runCommand } from '../../dev/embedded/run-command.ts';
import { findNode, majorOf, testedVersions } from './node-versions.ts';
import { partOfTests } from './part-of-tests.ts';

const given = process.argv.slice(2);
const paths = given.length > 0 ? given : partOfTests;
const log = (line: string) => process.stdout.write(`${line}\n`);

/** Whether the tests pass. @throws when the program is another version than it should be */
async function passes({
  node,
  version,
  entry,
}: {
  node: string;
  version: string;
  entry: string;
}): Promise<boolean> {
  const actual = (await runCommand(node, ['--version'], { timeoutMs: 10_000 })).trim();
  if (actual !== `v${version}`) throw new Error(`${node} is ${actual}`);
  const child = spawn(node, ['node_modules/jest/bin/jest.js', '--silent', ...paths], {
    stdio: 'inherit',
    env: {
      ...process.env,
      // What the tests start by its name is this release, too.
      PATH: `${dirname(node)}${delimiter}${process.env['PATH']}`,
      TEST_SERVICE: entry,
      TEST_NODE_VERSION: actual,
    },
  });
  const [code] = await once(child, 'close');
  return code === 0;
}

const folder = await mkdtemp(join(tmpdir(), 'orders-nodes-'));
/** One line for each version. */
const outcomes: string[] = [];
try {
  const { entry } = await buildThis('this', folder);
  for (const version of testedVersions()) {
    if (majorOf(version) === majorOf(process.version)) {
      outcomes.push(`Node ${majorOf(version)}: runs everything, as ${process.version}`);
      continue;
    }
    const began = Date.now();
    log(`== Node ${version}`);
    const node = await findNode(version, log).catch((error: unknown) => {
      // Not each machine can have each: that is no fault of the code, and must not be overlooked.
      outcomes.push(`Node ${version}: NOT TESTED, it cannot be had here: ${errorMessage(error)}`);
    });
    if (node === undefined) continue;
    const passed = await passes({ node, version, entry });
    if (!passed) process.exitCode = 1;
    const seconds = Math.round((Date.now() - began) / 1000);
    outcomes.push(
      `Node ${version}: ${given.length > 0 ? given.join(' ') : 'the part'} ${passed ? 'passed' : 'FAILED'} (${seconds} s)`,
    );
  }
} finally {
  await rm(folder, { recursive: true });
}
for (const outcome of outcomes) log(outcome);
