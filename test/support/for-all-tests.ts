/** What tests use that starts before them: once for all of a file or suite, or anew for each. */

import { afterAll, beforeAll, beforeEach } from 'vitest';

/** What can be started: an object, with `close` if it needs one, and no function. */
interface Started {
  close?(): unknown;
  readonly call?: never;
}

/**
 * Starts something before the tests of this file or suite, in the order of the calls:
 * `const server = forAllTests(startTestServer)`. It is closed after them.
 *
 * @returns what `start` gives, for tests, and for hooks and calls of this that come later.
 * @throws {Error} from its use, while it has not started.
 */
export function forAllTests<Thing extends object & Started>(
  start: () => Thing | Promise<Thing>,
): Thing {
  let started: Thing | undefined;
  beforeAll(async () => {
    started = await start();
  });
  afterAll(async () => {
    await started?.close?.();
  });
  return whatIs(() => started);
}

/**
 * Makes something anew before each test: `const world = forEachTest(() => makeWorld(db))`.
 *
 * @returns what `make` gave last, for tests, and for hooks and calls of this that come later.
 * @throws {Error} from its use, while there is none.
 */
export function forEachTest<Thing extends object & { readonly call?: never }>(
  make: () => Thing | Promise<Thing>,
): Thing {
  let made: Thing | undefined;
  beforeEach(async () => {
    made = await make();
  });
  return whatIs(() => made);
}

/** Stands for what `find` gives at the moment of use. @throws {Error} from its use, for undefined. */
export function whatIs<Thing extends object>(find: () => Thing | undefined): Thing {
  const now = (): Thing => {
    const found = find();
    if (found === undefined) throw new Error('use this inside a test or a hook: it starts then');
    return found;
  };
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
