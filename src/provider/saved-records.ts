/**
 * Whether the library saves something new or something that it has read: its adapter hears of both
 * by one word, "upsert". A row that was read and is gone since was ended by somebody (a sign-out, a
 * revocation), so writing to it may not bring it back.
 *
 * @module
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Provider } from 'oidc-provider';
import { aroundSaves } from './library-internals.ts';

/** What is known of the record that is being saved. */
interface Saving {
  readonly isStored: boolean;
  /** Of a session that gets a new id: the one that it was read by. */
  readonly oldId: string | undefined;
}

const savings = new AsyncLocalStorage<Saving>();

/** @returns what the library is saving; outside of a save, nothing that is stored. */
export function saving(): Saving {
  return savings.getStore() ?? { isStored: false, oldId: undefined };
}

/** Makes every save of the provider's models known to `saving`. */
export function noteSaves(provider: Provider): void {
  aroundSaves(provider, ({ iat, exp, oldId }, save) =>
    savings.run({ isStored: iat !== undefined || exp !== undefined, oldId }, save),
  );
}
