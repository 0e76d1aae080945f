/**
 * The ways to sign in that lead elsewhere: the platform's own accounts. Where one of them is the only way
 * that there is, sign-in goes straight there.
 *
 * @module
 */

import type { Db } from '../../storage/engine/database.ts';
import { listProviders } from '../../storage/people/identity-providers.ts';

/** Where whoever signs in for nothing else goes on to: their home, see public/home-page.ts. */
export const plainNext = '/';

/** A way that leads elsewhere. */
export interface WayIn {
  /** Where it begins; where to go on to is added, see `addressOf`. */
  readonly path: string;
  readonly name: string;
  /** Whether it can be asked for a class of sign-in, and may say that it was one. */
  readonly saysClass?: boolean;
}

/** All ways to sign in. */
export interface WaysIn {
  readonly hasPasswords: boolean;
  /** Those that lead elsewhere, in the order in which they are shown. */
  list(): Promise<readonly WayIn[]>;
}

/** What decides about the ways. */
export interface WaysInParts {
  readonly db: Db;
  readonly hasPasswords: boolean;
  /** The platform's own sign-in page, if sign-in is handed to it. */
  readonly signInUrl: string | undefined;
}

/** @returns the way that leads to the platform's own sign-in page, by the name of its host. */
export function handOffWay(signInUrl: string): WayIn {
  return { path: '/sign-in/hand-off', name: new URL(signInUrl).host };
}

/** The ways of this installation, as they are at each question. */
export function createWaysIn({ db, hasPasswords, signInUrl }: WaysInParts): WaysIn {
  return {
    hasPasswords,
    async list() {
      const providers = await listProviders(db);
      return [
        ...(signInUrl === undefined ? [] : [handOffWay(signInUrl)]),
        ...providers.map(({ id, name }) => {
          const path = `/sign-in/provider/${id}`;
          return { path, name, saysClass: true };
        }),
      ];
    },
  };
}

/** Where a sign-in goes on: a page of ours, or an application's request. */
export type Destination = {
  /** Whether somebody who is signed in proves it once more, or somebody else comes. */
  readonly isFresh?: boolean;
} & (
  | { readonly kind: 'page'; readonly next: string }
  | { readonly kind: 'interaction'; readonly uid: string }
);

/** @returns the address at which a way begins. */
export function addressOf({ path }: WayIn, destination: Destination): string {
  const query = new URLSearchParams({
    ...(destination.isFresh ? { again: 'yes' } : {}),
    ...(destination.kind === 'page'
      ? { next: destination.next }
      : { interaction: destination.uid }),
  });
  return `${path}?${query}`;
}

/** @returns where to go straight away; undefined when there is something to choose. */
export async function onlyWay(ways: WaysIn, destination: Destination): Promise<string | undefined> {
  if (ways.hasPasswords) return undefined;
  const [first, second] = await ways.list();
  return first !== undefined && second === undefined ? addressOf(first, destination) : undefined;
}
