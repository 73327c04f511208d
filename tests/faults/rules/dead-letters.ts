import { grouped } from '../history/grouped.ts';
import type { Rule } from './rule.ts';

/** Every message that cannot be handled is in the dead letters, once, and no other message is. */
export const poisonIsSetAside: Rule = ({ poison, messages, deadLetters }) => {
  const bad = new Set(poison.map(({ subject, text }) => `${subject} ${text}`));
  const kept = grouped(deadLetters, ({ subject, sequence }) => `${subject} #${sequence}`);
  const wanted = new Set(
    messages
      .filter(({ subject, text }) => bad.has(`${subject} ${text}`))
      .map(({ subject, sequence }) => `${subject} #${sequence}`),
  );
  return [
    ...[...wanted].filter((name) => !kept.has(name)).map((name) => `${name} is not in the dead letters`),
    ...[...kept].flatMap(([name, letters]) => [
      ...(letters.length > 1 ? [`${name} is in the dead letters ${letters.length} times`] : []),
      ...(wanted.has(name) ? [] : [`${name} is in the dead letters: ${letters[0]?.reason}`]),
    ]),
  ];
};
