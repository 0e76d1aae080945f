/**
 * Why a submitted consent is refused; nothing of it is stored then.
 *
 * @module
 */

import type { ScopeName } from '../catalogue/scopes.ts';
import type { ResourceKey } from '../storage/consents/consent-entries.ts';

/**
 * - `nothing_picked`: the application would get none of the scopes it asks for.
 * - `required_missing`: a scope that the application requires is given nowhere; `scopes` names them.
 * - `several_resources`: the application works with one, and more are picked.
 * - `resource_unknown`: a picked resource does not exist, or not for this user.
 * - `scope_not_asked`: a ticked scope is not asked for, or not at that level.
 * - `scope_not_grantable`: the user's role, or the organization's policy, does not give it now.
 * - `lifetime_unknown`: it is to end at a time that no page of ours offers.
 * - `branch_changed`: a branch was promoted or demoted while the page was open.
 * - `too_many_entries`: the consent would have more entries than one may have.
 */
export type ConsentRefusalCode =
  | 'nothing_picked'
  | 'required_missing'
  | 'several_resources'
  | 'resource_unknown'
  | 'scope_not_asked'
  | 'scope_not_grantable'
  | 'lifetime_unknown'
  | 'branch_changed'
  | 'too_many_entries';

interface RefusalOptions extends ErrorOptions {
  readonly scopes?: readonly ScopeName[];
  readonly resource?: ResourceKey;
}

/** A consent that cannot be stored as submitted. */
export class ConsentRefusedError extends Error {
  readonly code: ConsentRefusalCode;
  /** What it is about, where the code says so. */
  readonly scopes: readonly ScopeName[];
  /** The one resource that it is about, where there is one. */
  readonly resource: ResourceKey | undefined;

  constructor(
    code: ConsentRefusalCode,
    { scopes = [], resource, ...options }: RefusalOptions = {},
  ) {
    super(`the consent is refused: ${code}`, options);
    this.code = code;
    this.scopes = scopes;
    this.resource = resource;
  }
}
