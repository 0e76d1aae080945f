/**
 * Whether the library saves something new or something that it has read: its adapter is told of both
 * by one word, "upsert". A row that was read and is gone since was ended by somebody (a sign-out, a
 * revocation), so writing to it may not bring it back.
 *
 * @module
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Provider } from 'oidc-provider';

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

/** A record of the library: what was read or saved once has these. */
interface SavedModel {
  readonly iat?: number;
  readonly exp?: number;
  readonly oldId?: string;
}

interface ModelClass {
  readonly prototype: { save(this: SavedModel, ...rest: unknown[]): Promise<unknown> };
}

/** Makes every save of the provider's models known to `saving`. */
export function tellOfSaves(provider: Provider): void {
  const base = Object.getPrototypeOf(provider.Interaction) as ModelClass;
  // A session deletes its old row before the base class saves it; both have to know.
  for (const { prototype } of [base, provider.Session as unknown as ModelClass]) {
    const { save } = prototype;
    prototype.save = function saveKnowingly(...rest) {
      const isStored = this.iat !== undefined || this.exp !== undefined;
      return savings.run({ isStored, oldId: this.oldId }, () => save.apply(this, rest));
    };
  }
}
