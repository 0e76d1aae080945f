/**
 * No open redirection through an application that registered itself: an error is not sent on by
 * itself to an address that nobody here vouches for, unless this user consented to the application.
 *
 * That holds after a sign-in, too: who has just typed a password takes what follows for this server.
 *
 * Anyone can register an application whose address is a trap, and make a link to this server whose
 * error leads there at once. Such an error is shown on a page of ours.
 *
 * Source: RFC 9700 section 4.11.2 (authorization server as open redirector).
 *
 * @module
 */

import type { KoaContextWithOIDC } from 'oidc-provider';
import { parseId } from '../lib/ids.ts';
import { isStranger } from '../storage/clients/clients.ts';
import type { Db } from '../storage/engine/database.ts';
import type { ProviderSettings } from './configuration.ts';

/** @returns the middleware around the authorization endpoint. */
export function keepStrangersErrors(db: Db, renderError: ProviderSettings['renderError']) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next();
    const answer = errorSentOn(ctx);
    if (answer === undefined) return;
    const { client, session } = ctx.oidc;
    const accountId = parseId('user', session?.accountId ?? '');
    if (!(await isStranger(db, client?.clientId ?? '', accountId))) return;
    ctx.remove('Location');
    ctx.status = 400;
    const error = answer.get('error') ?? '';
    const description = answer.get('error_description') ?? '';
    await renderError(ctx, { error, error_description: description }, new Error(error));
  };
}

/** The error that the browser would take along to the application; not where the user said no. */
function errorSentOn(ctx: KoaContextWithOIDC): URLSearchParams | undefined {
  if (!['authorization', 'resume'].includes(ctx.oidc?.route)) return undefined;
  if (ctx.oidc.entities.Interaction?.result?.['error'] !== undefined) return undefined;
  const location: unknown = ctx.response.get('Location');
  if (typeof location !== 'string') return undefined;
  const parameters = URL.parse(location)?.searchParams;
  return parameters?.has('error') ? parameters : undefined;
}
