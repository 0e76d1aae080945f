/**
 * Who may ask about which token, and how much of the answer is theirs to see.
 *
 * Source: RFC 7662 sections 2.1 and 4 (who asks must be entitled to), RFC 8707 section 2 (a token
 * for one resource server), RFC 6749 section 10.4 (refresh tokens are their client's alone).
 *
 * @module
 */

import { isAudienceOf } from '../clients/address-patterns.ts';
import type { TokenFacts } from '../storage/facts/token-facts.ts';

/** How much of a token an asker sees. */
export interface View {
  /** The one organization whose resources are seen; undefined for all, and the account besides. */
  readonly organizationId: string | undefined;
  /** Whether a question without `resource` is answered about the account only. */
  readonly requiresResource: boolean;
}

/** Nothing is hidden. */
const fullView: View = { organizationId: undefined, requiresResource: false };

/** @returns what the asker sees; undefined where the token is not the asker's business. */
export function viewOf(facts: TokenFacts, askerId: string): View | undefined {
  const { asker, audience, clientId, kind } = facts;
  if (asker === undefined) return undefined;
  if (askerId === clientId) return fullView;
  if (kind === 'RefreshToken') return undefined;
  if (audience !== undefined && !isAudienceOf(asker.audience ?? '', audience)) return undefined;

  const { requiresResource, organizationId, isReached } = asker;
  switch (asker.resourceServer) {
    case 'platform':
      return { organizationId: undefined, requiresResource };
    case 'organization':
      return isReached ? { organizationId, requiresResource } : undefined;
    case undefined:
      return undefined;
  }
}

/** Whether the account itself is in view, and with it what the user level and OpenID say. */
export function seesAccount(view: View): boolean {
  return view.organizationId === undefined;
}

/** Whether the resources of an organization are in view; undefined means the account. */
export function sees(view: View, organizationId: string | undefined): boolean {
  return seesAccount(view) || view.organizationId === organizationId;
}
