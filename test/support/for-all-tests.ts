/** What all tests of a file use: it starts before them, and is closed after them. */

import { afterAll, beforeAll } from 'vitest';

/** What can be started: an object, with `close` if it needs one, and no function. */
interface Started {
  close?(): unknown;
  readonly call?: never;
}

/**
 * Starts something before the tests of this file or suite, in the order of the calls:
 * `const server = forAllTests(startTestServer)`.
 *
 * @returns what `start` gives, for tests, and for hooks and calls of this that come later.
 * @throws {Error} from its use, while it has not started.
 */
export function forAllTests<Thing extends object & Started>(
  start: () => Thing | Promise<Thing>,
): Thing {
  let started: Thing | undefined;
  const now = (): Thing => {
    if (started === undefined) throw new Error('use this inside a test or a hook: it starts then');
    return started;
  };
  beforeAll(async () => {
    started = await start();
  });
  afterAll(async () => {
    await started?.close?.();
  });
  const nothingYet: Thing = Object.create(null);
  return new Proxy(nothingYet, {
    get: (_, name) => {
      const thing = now();
      const found = Reflect.get(thing, name);
      return typeof found === 'function' ? found.bind(thing) : found;
    },
    has: (_, name) => Reflect.has(now(), name),
    ownKeys: () => Reflect.ownKeys(now()),
    getOwnPropertyDescriptor: (_, name) => {
      const found = Reflect.getOwnPropertyDescriptor(now(), name);
      return found && { ...found, configurable: true };
    },
  });
}
