/** A token of each person of the model, and what introspection must say of it. */

import { scopeNames } from '../../src/catalogue/scopes.ts';
import { introspect } from '../../src/introspection/introspect.ts';
import { printId } from '../../src/lib/ids.ts';
import type { Database } from '../../src/storage/engine/database.ts';
import { cast, permissionRows, scopeRows } from '../catalogue/rows-in-use.ts';
import { type Client, worldIn } from '../support/world.ts';
import { heldOn, type Model } from './oracle.ts';

const scope = scopeNames.filter((name) => name.startsWith('organization:')).join(' ');

/** Something a token is asked about, in the words of the model. */
type Thing =
  | { readonly kind: 'organization' }
  | { readonly kind: 'database'; readonly database: number }
  | { readonly kind: 'branch'; readonly database: number; readonly production: boolean };

/** What a token that everything in the organization was consented to may do, told naively. */
export function scopesOn(model: Model, person: number, thing: Thing): string[] {
  const held =
    thing.kind === 'organization'
      ? heldOnOrganization(model, person)
      : heldOn(model, person, thing.database);
  return scopeRows
    .filter(({ level, actsOn, requires }) => {
      if (level !== 'organization' || actsOn !== thing.kind) return false;
      const needed = neededOn(requires, thing);
      return needed?.every((permission) => held.includes(permission)) === true;
    })
    .map((row) => row.scope);
}

function neededOn(requires: (typeof scopeRows)[number]['requires'], thing: Thing) {
  if (Array.isArray(requires)) return requires;
  if (thing.kind !== 'branch') return null;
  return requires[thing.production ? 'production' : 'development'];
}

function heldOnOrganization(model: Model, person: number): string[] {
  const member = model.members.get(person);
  if (member === undefined || member.suspended) return [];
  const role = member.admin ? cast.administrator : cast.member;
  return permissionRows
    .filter((row) => row.on === 'organization' && row.roles.includes(role))
    .map(({ id }) => id);
}

/** Tokens for one run of the model. */
export interface Tokens {
  /** Gives everybody who is in the organization, and consented to nothing yet, consent and token. */
  renew(model: Model): Promise<void>;
  /** Whose membership ended: what they consented to is gone, and the token stays as it is. */
  lose(person: number): void;
  /** What introspection says; undefined where the person never had a token. */
  scopes(
    person: number,
    things: readonly { kind: 'organization' | 'database' | 'branch'; id: string }[],
  ): Promise<string[][] | undefined>;
  /** Whether the consent behind the token still has its entry. */
  isConsented(person: number): boolean;
}

export async function makeTokens(
  db: Database,
  organizationId: string,
  persons: readonly string[],
): Promise<Tokens> {
  const world = worldIn(db);
  const asker: Client = await world.client({ resource_server: 'platform' });
  const tokens = new Map<number, string>();
  const consented = new Set<number>();
  return {
    isConsented: (person) => consented.has(person),
    lose: (person) => void consented.delete(person),
    async renew(model) {
      for (const person of model.members.keys()) {
        if (consented.has(person)) continue;
        const client = await world.client({ scope });
        const consent = await world.consent({ id: persons[person] ?? '', email: '' }, client);
        await world.entry(consent, { id: organizationId, slug: '' }, scope);
        tokens.set(person, await world.token(await world.grant(consent), { scope }));
        consented.add(person);
      }
    },
    async scopes(person, things) {
      const token = tokens.get(person);
      if (token === undefined) return undefined;
      const questions = things.map(({ kind, id }) => ({
        asker: asker.id,
        token,
        resource: printId(kind, id),
      }));
      const answers = await introspect(db, questions, 'http://usher.test');
      return answers.map((answer) =>
        answer.active && answer.scope !== undefined ? answer.scope.split(' ') : [],
      );
    },
  };
}
