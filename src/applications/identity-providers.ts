/**
 * Operators name the OpenID providers with which people sign in to the whole installation.
 *
 * @module
 */

import { groupNameFault, storedName } from '../clients/name-rule.ts';
import type { Database } from '../storage/engine/database.ts';
import {
  deleteProvider,
  insertProvider,
  type StoredProvider,
} from '../storage/people/identity-providers.ts';
import { type Actor, asOperator, type NotAllowed } from './as-operator.ts';

/** A provider to be added; the secret is wrapped already. */
export interface NewProvider extends StoredProvider {
  /** Whether the stricter rules of production apply. */
  readonly isProduction: boolean;
}

export type ProviderOutcome =
  | { readonly outcome: 'created' }
  | { readonly outcome: 'refused'; readonly reason: string }
  | NotAllowed;

const longestName = 100;

/** Adds a provider; people can sign in with it from the next page on. */
export async function addIdentityProvider(
  database: Database,
  actor: Actor,
  wanted: NewProvider,
): Promise<ProviderOutcome> {
  const name = storedName(wanted.name, longestName);
  const trustedDomains = [...new Set(wanted.trustedDomains.map((one) => one.toLowerCase()))];
  const reason = faultOf({ ...wanted, name, trustedDomains });
  if (reason !== undefined) return { outcome: 'refused', reason };
  const { id, issuer, clientId, isPrivate } = wanted;
  const act = { action: 'identity_provider.created', subject: `identity_provider ${id}` };
  return asOperator<ProviderOutcome>(database, actor, act, async (tx, record) => {
    if (!(await insertProvider(tx, { ...wanted, name, trustedDomains }))) {
      return { outcome: 'refused', reason: 'there is one with this id or this issuer already' };
    }
    const trusted = { trusted_domains: trustedDomains, private_network: isPrivate };
    await record({ after: { name, issuer, client_id: clientId, ...trusted } });
    return { outcome: 'created' };
  });
}

/** Removes a provider. Sessions that began there end; who is bound to whom is kept for its return. */
export function removeIdentityProvider(database: Database, actor: Actor, id: string) {
  type Outcome = { readonly outcome: 'deleted' | 'unknown_identity_provider' } | NotAllowed;
  const act = { action: 'identity_provider.deleted', subject: `identity_provider ${id}` };
  return asOperator<Outcome>(database, actor, act, async (tx, record) => {
    const removed = await deleteProvider(tx, id);
    if (removed === undefined) return { outcome: 'unknown_identity_provider' };
    await record({ before: removed });
    return { outcome: 'deleted' };
  });
}

const idForm = /^(?=.{1,40}$)[a-z0-9]+(?:-[a-z0-9]+)*$/;
const domainForm = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/;

function faultOf(wanted: NewProvider): string | undefined {
  if (!idForm.test(wanted.id))
    return 'the id must be of small letters, digits and hyphens, at most 40';
  const nameFault = groupNameFault(wanted.name, longestName);
  if (nameFault !== undefined) return `the name ${nameFault}`;
  if (wanted.clientId === '' || wanted.clientId.length > 500)
    return 'the client id must have 1 to 500 characters';
  const domain = wanted.trustedDomains.find((one) => !domainForm.test(one));
  if (domain !== undefined) return `${domain} is not a domain, such as example.com`;
  return issuerFault(wanted);
}

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/** OpenID Connect Discovery section 3: https, without query and fragment. */
function issuerFault({ issuer, isProduction }: NewProvider): string | undefined {
  const url = URL.parse(issuer);
  const isWhole = url !== null && /^https?:$/.test(url.protocol) && issuer.length <= 2000;
  if (
    !isWhole ||
    url.search !== '' ||
    url.hash !== '' ||
    url.username !== '' ||
    url.password !== ''
  )
    return 'the issuer must be an address without query, fragment and password';
  if (url.protocol === 'https:') return undefined;
  if (isProduction) return 'the issuer must be https in production';
  return loopback.has(url.hostname) ? undefined : 'an http issuer is for loopback only; use https';
}
