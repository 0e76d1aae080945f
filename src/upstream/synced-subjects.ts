/**
 * The subjects in what the platform synchronizes: whose they are, and what binding one to an account does.
 *
 * A service client that binds says who signs in as whom, so it takes the power of naming sign-ins. An identity
 * provider is believed as far as at sign-in: the domains that the operator trusts it with.
 *
 * @module
 */

import { type ExternalSignIn, resolveExternal } from '../accounts/external-sign-in.ts';
import type { Actor } from '../organizations/actor.ts';
import type { FieldFault } from '../organizations/refusals.ts';
import type { SubjectIssuer, SubjectRules } from '../organizations/sync-subjects.ts';
import { hasServicePower } from '../storage/clients/service-clients.ts';
import type { Db } from '../storage/engine/database.ts';
import { listProviders } from '../storage/people/identity-providers.ts';

/** Somebody whose subjects may be named, with what they are trusted with. */
interface TrustedIssuer extends SubjectIssuer {
  readonly label: string;
  readonly trustedDomains: readonly string[] | 'all';
}

const nowhere = { address: undefined, userAgent: undefined };

/** @param signInUrl the platform's own sign-in page, if sign-in is handed to it. */
export function subjectRules(actor: Actor, signInUrl: string | undefined): SubjectRules {
  const { via, origin = nowhere } = actor;
  const trusted = new Map<string, TrustedIssuer>();
  return {
    async issuerOf(tx, provider) {
      const found = await findIssuer(tx, provider, signInUrl);
      if ('issuer' in found) trusted.set(found.issuer, found);
      return found;
    },
    mayBind: async (tx) =>
      via.kind === 'service' && (await hasServicePower(tx, via.clientId, 'sign-in')),
    async bind(tx, { issuer }, { accountId, ...person }) {
      const { label, trustedDomains } = trusted.get(issuer) ?? {
        label: issuer,
        trustedDomains: [],
      };
      const trust = { name: issuer, label, trustedDomains };
      const clientId = via.kind === 'service' ? via.clientId : undefined;
      const by = { origin, locale: undefined, clientId };
      const result = await resolveExternal(tx, { ...person, isEmailVerified: true }, trust, by);
      if (result.outcome === 'refused') return faultOf[result.why];
      return result.account.id === accountId ? undefined : goneMeanwhile;
    },
  };
}

/** Where a line names no provider: the platform's own page, or the only provider there is. */
async function findIssuer(
  tx: Db,
  provider: string | undefined,
  signInUrl: string | undefined,
): Promise<TrustedIssuer | FieldFault> {
  if (provider === undefined && signInUrl !== undefined) return handOffIssuer(signInUrl);
  const providers = await listProviders(tx);
  const [only, another] = providers;
  const isOne = provider === undefined && another === undefined;
  const found = isOne ? only : providers.find(({ id }) => id === provider);
  if (found === undefined) return noSuchProvider(providers.map(({ id }) => id));
  const { issuer, name: label, trustedDomains } = found;
  return issuerOf({ issuer, label, trustedDomains });
}

function noSuchProvider(ids: readonly string[]): FieldFault {
  if (ids.length > 0) return { field: 'provider', message: `must be one of ${ids.join(', ')}` };
  const message = 'must not be given here: there is no identity provider, and no SIGN_IN_URL';
  return { field: 'subject', message };
}

function handOffIssuer(signInUrl: string): TrustedIssuer {
  const { origin: issuer, host: label } = new URL(signInUrl);
  return issuerOf({ issuer, label, trustedDomains: 'all' });
}

function issuerOf(trust: Omit<TrustedIssuer, 'provesAddress'>): TrustedIssuer {
  const { trustedDomains } = trust;
  const provesAddress = (email: string) =>
    trustedDomains === 'all' || trustedDomains.includes(email.slice(email.lastIndexOf('@') + 1));
  return { ...trust, provesAddress };
}

const goneMeanwhile = { field: 'member', message: 'must be an account; try the batch again' };

type Why = (ExternalSignIn & { outcome: 'refused' })['why'];

const noAddress = {
  field: 'member',
  message: 'must be an e-mail address the first time that a subject is named',
};

const faultOf: Readonly<Record<Why, FieldFault>> = {
  not_active: { field: 'member', message: 'must be an active account, to be bound to a subject' },
  no_address: noAddress,
  unverified: noAddress,
  address_taken: {
    field: 'member',
    message:
      'must be at a domain that the identity provider is trusted with: it has an account here, whose owner can connect it at /account/connections',
  },
  other_identity: {
    field: 'subject',
    message: 'must be the one to which the account of this address is bound',
  },
};
