// Runs the steps of the Dockerfile where there is no container engine: each stage becomes a folder, COPY and RUN are done
// in it, and the last stage's folder is left in place, to be inspected or started.
//
//   node infra/run-dockerfile-steps.mjs /tmp/image
//
// It shows that the steps need nothing that they do not copy. It does not show the base image's own files, the
// user or the layers. Only the instructions that the Dockerfile uses are supported; another one is an error.

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const repository = resolve(import.meta.dirname, '..');
const [target] = process.argv.slice(2);
if (!target || existsSync(target))
  throw new Error('usage: run-dockerfile-steps.mjs <a folder that does not exist>');
const work = resolve(target);

/** The lines of a file, without comments and empty ones. */
function lines(file) {
  const text = readFileSync(join(repository, file), 'utf8');
  return text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
}

/** Copies the build context: what .dockerignore includes by name, without the tests. */
function copyContext(folder) {
  const included = lines('.dockerignore').filter((rule) => rule.startsWith('!'));
  for (const name of included.map((rule) => rule.slice(1))) {
    cpSync(join(repository, name), join(folder, name), {
      recursive: true,
      filter: (path) => !path.endsWith('.test.ts'),
    });
  }
}

const context = join(work, 'context');
copyContext(context);
const stages = new Map();
let stage;

const instructions = {
  FROM(rest) {
    const [base, , name = `stage-${stages.size}`] = rest.split(' ');
    const before = stages.get(base);
    stage = { root: join(work, name), workdir: before?.workdir ?? '/', env: { ...before?.env } };
    mkdirSync(stage.root, { recursive: true });
    if (before) cpSync(before.root, stage.root, { recursive: true });
    stages.set(name, stage);
  },
  WORKDIR(rest) {
    stage.workdir = rest;
    mkdirSync(join(stage.root, rest), { recursive: true });
  },
  ENV(rest) {
    const [name, value] = rest.split('=');
    stage.env[name] = value;
  },
  COPY(rest) {
    const words = rest.split(' ');
    const from = words[0].startsWith('--from=')
      ? stages.get(words.shift().slice('--from='.length)).root
      : context;
    const destination = words.pop();
    for (const source of words) {
      // As docker does: a folder's content is copied, a file keeps its name in a folder that ends with a slash.
      const to = destination.endsWith('/') ? join(destination, source) : destination;
      cpSync(join(from, source), join(stage.root, resolve(stage.workdir, to)), { recursive: true });
    }
  },
  RUN(rest) {
    const { NODE_ENV: _, ...env } = process.env;
    execFileSync('sh', ['-c', rest], {
      cwd: join(stage.root, stage.workdir),
      env: { ...env, ...stage.env },
      stdio: 'inherit',
    });
  },
  USER: () => undefined,
  EXPOSE: () => undefined,
  CMD: () => undefined,
};

for (const line of lines('Dockerfile')) {
  const [name, ...rest] = line.split(' ');
  if (!instructions[name]) throw new Error(`unknown instruction: ${line}`);
  console.log(`> ${line}`);
  instructions[name](rest.join(' '));
}

const image = join(stage.root, stage.workdir);
for (const [, { root }] of stages) if (root !== stage.root) rmSync(root, { recursive: true });
rmSync(context, { recursive: true });
console.log(`the image's folder: ${image}`);
