/**
 * What people allowed to applications, for the platform's own console: its service client lists a person's
 * consents and takes them back, as the person does at /account/applications.
 *
 * @module
 */

import { z } from 'zod';
import { type GivenConsent, listConsents } from '../../consent/list.ts';
import { withdrawInside } from '../../consent/withdraw.ts';
import { normalizeEmail } from '../../lib/email-address.ts';
import { parseId } from '../../lib/ids.ts';
import type { Actor } from '../../organizations/actor.ts';
import { found, notFound } from '../../organizations/refusals.ts';
import { isServiceClient } from '../../storage/clients/service-clients.ts';
import type { Db } from '../../storage/engine/database.ts';
import { findAccountWithPassword } from '../../storage/people/accounts.ts';
import { route } from './route.ts';
import * as schemas from './schemas.ts';

const consents = '/platform/accounts/{who}/consents';

/** The person's account, active or suspended, by id or address. */
async function accountIdOf(db: Db, who: string): Promise<string> {
  const id = parseId('user', who);
  const email = normalizeEmail(who);
  const by = id === undefined ? email && { email } : { id };
  const account = by && (await findAccountWithPassword(db, by))?.account;
  if (!account || account.status === 'deleted') throw notFound();
  return account.id;
}

function requireService({ via }: Actor): string {
  if (via.kind !== 'service') throw notFound();
  return via.clientId;
}

function printConsent({ application, openid, resources, ...times }: GivenConsent) {
  return {
    application: application.id,
    name: application.name,
    openid: [...openid],
    resources: resources.map(({ level, path, includesProduction, scopes, resting }) => ({
      level,
      path,
      production: includesProduction ?? null,
      scopes: scopes.map(({ scope }) => scope),
      resting: resting.map(({ scope }) => scope),
    })),
    created_at: times.createdAt.toISOString(),
    expires_at: times.expiresAt?.toISOString() ?? null,
    last_used_at: times.lastUsedAt?.toISOString() ?? null,
  };
}

export const consentRoutes = [
  route({
    id: 'listConsents',
    address: `GET ${consents}`,
    summary: 'What a person allowed to applications',
    description: 'The person is named by e-mail address or id.',
    isForPlatform: true,
    answer: z.object({ items: z.array(schemas.consent) }),
    run: async ({ db, actor, at }) => {
      requireService(actor);
      return listConsents(db, await accountIdOf(db, at.who));
    },
    print: (given) => ({ items: given.map(printConsent) }),
  }),
  route({
    id: 'withdrawConsent',
    address: `DELETE ${consents}/{application}`,
    summary: 'Take back what a person allowed to an application, with its tokens',
    isForPlatform: true,
    status: 204,
    run: async ({ db, work, actor, at: { who, clientId } }) => {
      const serviceClientId = requireService(actor);
      const accountId = await accountIdOf(db, who);
      const { origin } = actor;
      return work.run(async (tx) => {
        if (!(await isServiceClient(tx, serviceClientId))) throw notFound();
        const changed = { accountId, clientId, origin, serviceClientId };
        return found((await withdrawInside(tx, changed)) || undefined);
      });
    },
    print: () => undefined,
  }),
];
