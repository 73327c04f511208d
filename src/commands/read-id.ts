import { BadUsage } from './exit-codes.ts';

/** The id that an argument, or the value of an option, is, as it was written. @throws BadUsage where it is not an id */
export function requireId(text: string, option?: '--order' | '--ticket'): string {
  if (/^[0-9a-fA-F]{24}$/.test(text)) return text;
  const given = option === undefined ? text : `${option} ${text}`;
  throw new BadUsage(`${given} is not an id: ids have 24 hexadecimal digits`);
}
