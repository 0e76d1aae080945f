/**
 * Names under which somebody asked with a wrong secret, until it is seen whether they are clients': bounded,
 * and apart from what is known, since most are nobody's in a flood.
 *
 * @module
 */

import { clientsAmong } from '../storage/clients/application-events.ts';
import type { Db } from '../storage/engine/database.ts';
import { countEvent, type NotedEvents } from './noted-events.ts';

/** The names of about one second. */
export class WrongSecrets {
  readonly #counts = new Map<string, number>();

  /** @returns whether there was room for it. */
  add(clientId: string): boolean {
    const before = this.#counts.get(clientId) ?? 0;
    const hasRoom = before > 0 || this.#counts.size < mostNames;
    if (!hasRoom || clientId.length > longestName) return false;
    this.#counts.set(clientId, before + 1);
    return true;
  }

  /** Counts those that are clients'; the others use up no count of theirs. */
  async countIn(db: Db, events: NotedEvents): Promise<void> {
    if (this.#counts.size === 0) return;
    for (const clientId of await clientsAmong(db, [...this.#counts.keys()])) {
      const count = this.#counts.get(clientId) ?? 0;
      const what = { clientId, kind: 'client_refused', reason: 'client-secret', detail: '' };
      countEvent(events, { ...what, isKnown: false, count });
    }
  }
}

const mostNames = 500;
const longestName = 128;
