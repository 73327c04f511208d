import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { atEnd } from '../support/at-end.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Starts the machine's own Chromium, which ends with the test file; nothing is downloaded.
 *
 * @throws when there is none, with what to install
 */
export async function launchChromium(...moreFlags: string[]): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: findChromium(), args: [...flags, ...moreFlags] });
  atEnd(() => browser.close());
  return browser;
}

function findChromium(): string {
  const given = process.env['CHROMIUM_PATH'];
  if (given) {
    if (isProgram(given)) return given;
    throw new Error(`CHROMIUM_PATH is ${given}, and that is not a program`);
  }
  const folders = [...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean), '/usr/bin'];
  const found = folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isProgram);
  if (found) return found;
  throw new Error(
    'no Chromium found: install it (Debian, Ubuntu: apt-get install chromium; macOS: brew install chromium), or set CHROMIUM_PATH to the program of a Chromium or Chrome',
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not to be run: all the same here.
    return false;
  }
}
