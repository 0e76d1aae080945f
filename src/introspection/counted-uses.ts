/**
 * Uses that wait to be written: by application, and of each by person and resource.
 *
 * The room is bounded, and no application has more than a tenth of it. What comes beyond is not counted,
 * but for what is in it already.
 *
 * @module
 */

import { emptySet, names, type ScopeSet, union } from '../catalogue/scope-set.ts';
import { parseId } from '../lib/ids.ts';
import { type CountedUse, unsaid } from '../storage/clients/application-uses.ts';
import type { Use } from './uses-in-answer.ts';

/** Room for so many different uses. */
export interface CountedUses {
  add(use: Use): void;
  /** How many different ones there are. */
  readonly size: number;
  /** Whether half of the room is used, or half of what an application has of it. */
  readonly isFilling: boolean;
  /** Makes the room empty. @returns what was in it. */
  take(): CountedUse[];
}

interface Count {
  uses: number;
  scopes: ScopeSet;
  /** Whether, of one of them, nobody said what for. */
  isUnsaid: boolean;
}

/** The uses of one application: by printed account, and of each by printed resource. */
interface OfClient {
  /** How many different ones there are. */
  size: number;
  readonly people: Map<string, Map<string, Count>>;
}

/** By client. A text made of all three would be made and looked up anew for each use. */
type Counts = Map<string, OfClient>;

/** @param most 10 or more. */
export function createCountedUses(most: number): CountedUses {
  const mostOfOne = Math.ceil(most / 10);
  let counts: Counts = new Map();
  let size = 0;
  let largest = 0;
  return {
    add({ clientId, sub, identifier, scopes }) {
      const ofClient = counts.get(clientId) ?? { size: 0, people: new Map() };
      const ofPerson = ofClient.people.get(sub);
      const known = ofPerson?.get(identifier);
      if (known !== undefined) return addUse(known, scopes);
      if (size >= most || ofClient.size >= mostOfOne) return;
      const first: Count = { uses: 0, scopes: emptySet, isUnsaid: false };
      addUse(first, scopes);
      counts.set(clientId, ofClient);
      ofClient.people.set(sub, (ofPerson ?? new Map()).set(identifier, first));
      ofClient.size++;
      size++;
      largest = Math.max(largest, ofClient.size);
    },
    get size() {
      return size;
    },
    get isFilling() {
      return size * 2 > most || largest * 2 > mostOfOne;
    },
    take() {
      const taken = counts;
      [counts, size, largest] = [new Map(), 0, 0];
      return toUses(taken);
    },
  };
}

function addUse(count: Count, scopes: ScopeSet | undefined): void {
  count.uses++;
  if (scopes === undefined) count.isUnsaid = true;
  else count.scopes = union(count.scopes, scopes);
}

function toUses(counts: Counts): CountedUse[] {
  const uses = [];
  for (const [clientId, { people }] of counts) {
    for (const [sub, ofPerson] of people) {
      for (const [identifier, count] of ofPerson)
        uses.push(toUse(clientId, sub, identifier, count));
    }
  }
  return uses.filter((use) => use !== undefined);
}

function toUse(
  clientId: string,
  sub: string,
  identifier: string,
  count: Count,
): CountedUse | undefined {
  const accountId = parseId('user', sub);
  const resourceId =
    parseId('branch', identifier) ??
    parseId('database', identifier) ??
    parseId('organization', identifier);
  if (accountId === undefined || resourceId === undefined) return undefined;
  const { uses, scopes, isUnsaid } = count;
  const used = isUnsaid ? [...names(scopes), unsaid] : names(scopes);
  return { accountId, clientId, resourceId, uses, scopes: used };
}
