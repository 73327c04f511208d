import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { formerForms, formerWords, outwardNames } from './former-words.ts';
import { pathOf, textOf } from './repository.ts';

/** CHANGELOG.md stands outside of these folders: it may say what something was called. */
const folders = ['src', 'dev', 'bench', 'tests', 'docs', 'examples'];
const thisTest = /^tests\/infra\/former-words\./;
const notText = /\.(png|svg)$/;

const files = execFileSync('git', ['ls-files', ...folders], { cwd: pathOf('.'), encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && !thisTest.test(file) && !notText.test(file) && existsSync(pathOf(file)));
/** What is looked through: each file's path, then its text. */
const texts = files.map((file) => ({ file, text: `${file}\n${textOf(file)}` }));

/** The files in which the pattern is found, unless the word is an outward name there. */
function filesWith(pattern: RegExp, word: string): string[] {
  const exempt = outwardNames.flatMap((one) => (one.word === word ? one.under : []));
  return texts
    .filter(({ file, text }) => pattern.test(text) && !exempt.some((folder) => file.startsWith(folder)))
    .map(({ file }) => file);
}

test.each(Object.entries(formerWords))(
  'When the word is %s, then it is found nowhere: it is %s now',
  (word) => {
    expect(filesWith(new RegExp(`\\b${word}\\b`), word)).toEqual([]);
  },
);

test.each(formerForms)(
  'When a name has the form $form, then it is found nowhere: it is $now now',
  ({ form }) => {
    expect(filesWith(form, '')).toEqual([]);
  },
);

test('When a word is exempt in a folder, then it is a former one, and there', () => {
  expect(files.length).toBeGreaterThan(500);
  const unused = outwardNames.flatMap(({ word, under }) =>
    under
      .filter(
        (folder) =>
          !(word in formerWords) ||
          !texts.some(({ file, text }) => file.startsWith(folder) && text.includes(word)),
      )
      .map((folder) => `${word} under ${folder}`),
  );
  expect(unused).toEqual([]);
});
