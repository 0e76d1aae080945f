/** How a program in TypeScript talks to whoever runs it. */

import { createInterface } from 'node:readline';

const lines = createInterface(process.stdin);

/** Has the person open an address; @returns the redirect URI with what was added to it. */
export async function openInBrowser(url: URL): Promise<URL> {
  console.log(`open ${url.href}`);
  return new Promise((resolve) => {
    lines.once('line', (line) => resolve(new URL(line)));
  });
}

/** Says that a step has been done and checked. */
export function did(step: string): void {
  console.log(`did ${step}`);
}

/** @throws {Error} there is no such setting. */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

/** The program is over: nothing more is read. */
export function finish(): void {
  lines.close();
}
