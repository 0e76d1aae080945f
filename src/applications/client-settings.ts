/**
 * Operators change the settings of one client, and look at them. The addresses after signing out are
 * changed here, too, though the client has them as metadata: an operator's client cannot say them itself.
 *
 * @module
 */

import { expandForRegistration } from '../catalogue/expand-scope.ts';
import type { Client } from '../clients/client.ts';
import {
  type ClientSettings,
  changeSetting,
  findSettingFault,
  readSetting,
  settingWarnings,
} from '../clients/client-settings.ts';
import { findRedirectUriFault } from '../clients/redirect-uris.ts';
import { findRequiredScopeFault } from '../clients/required-scope.ts';
import { listClientsWithSettings, saveClientSettings } from '../storage/clients/client-settings.ts';
import { holdClient, saveClient } from '../storage/clients/clients.ts';
import type { Database, Db } from '../storage/engine/database.ts';
import { type Actor, asOperator, type NotAllowed } from './as-operator.ts';

export type SettingsOutcome =
  | {
      readonly outcome: 'changed' | 'unchanged';
      readonly settings: ClientSettings;
      readonly warnings: readonly string[];
      readonly post_logout_redirect_uris: readonly string[];
      readonly required_scope?: string;
    }
  | { readonly outcome: 'refused'; readonly reason: string }
  | { readonly outcome: 'unknown_client' }
  | NotAllowed;

/** Changes of one client's settings, each written `name=value`. */
export interface SettingsChange {
  readonly clientId: string;
  readonly written: readonly string[];
  readonly production: boolean;
}

/** Changes settings: all that are written, or none. In force with the next request. */
export function changeSettings(
  database: Database,
  actor: Actor,
  { clientId, written, production }: SettingsChange,
): Promise<SettingsOutcome> {
  const act = { action: 'application.settings_changed', subject: clientId };
  return asOperator<SettingsOutcome>(database, actor, act, async (tx, record) => {
    const before = await holdClient(tx, clientId);
    if (before === undefined) return { outcome: 'unknown_client' };
    const after = readChanges(before, written);
    if (typeof after === 'string') return { outcome: 'refused', reason: after };
    const reason =
      findSettingFault(after) ?? findLogoutFault(after, production) ?? findRequiredFault(after);
    if (reason !== undefined) return { outcome: 'refused', reason };
    const shown = { settings: after.settings, warnings: settingWarnings(after) };
    const answer = {
      ...shown,
      post_logout_redirect_uris: after.postLogoutRedirectUris ?? [],
      ...(after.requiredScope ? { required_scope: after.requiredScope } : {}),
    };
    if (isSame(before, after)) return { outcome: 'unchanged', ...answer };
    await saveClient(tx, metadataOf(after));
    await saveClientSettings(tx, clientId, after.settings);
    await record({
      actorClientId: clientId,
      organizationId: before.ownerOrganizationId,
      before: printed(before),
      after: printed(after),
    });
    return { outcome: 'changed', ...answer };
  });
}

/** The clients with settings of their own, newest first. */
export async function listSettings(db: Db) {
  const clients = await listClientsWithSettings(db);
  return clients.map((client: Client) => {
    const { id, name, settings } = client;
    return { id, name, settings, warnings: settingWarnings(client) };
  });
}

const requiredScope = /^required_scope=(.*)$/s;
const logoutUris = /^post_logout_redirect_uris=(.*)$/s;

/** @returns the client with its changes; or what is wrong with one of them. */
function readChanges(before: Client, written: readonly string[]): Client | string {
  let after = before;
  for (const text of written) {
    const required = requiredScope.exec(text)?.[1];
    if (required !== undefined) {
      after = { ...after, requiredScope: expandForRegistration(required) };
      continue;
    }
    const uris = logoutUris.exec(text)?.[1]?.split(' ');
    const change = uris === undefined ? readSetting(text) : undefined;
    if (typeof change === 'string') return change;
    after =
      change === undefined
        ? { ...after, postLogoutRedirectUris: uris?.filter((uri) => uri !== '') ?? [] }
        : { ...after, settings: changeSetting(after.settings, change) };
  }
  return written.length === 0 ? 'name at least one setting, as name=value' : after;
}

function findLogoutFault(client: Client, production: boolean): string | undefined {
  const { postLogoutRedirectUris: uris = [], applicationType } = client;
  const fault = findRedirectUriFault(uris, { applicationType, production });
  return fault === undefined ? undefined : `post_logout_redirect_uris${fault}`;
}

function findRequiredFault({ scope, requiredScope: required }: Client): string | undefined {
  return findRequiredScopeFault({ scope, required_scope: required });
}

/** What `saveClient` takes of a client: the rest is not a client's to change. */
function metadataOf({ settings: _, scopeBound: __, createdAt: ___, ...metadata }: Client) {
  return metadata;
}

function printed(client: Client): Record<string, unknown> {
  const { settings, postLogoutRedirectUris: uris, requiredScope: required } = client;
  return {
    ...settings,
    ...(uris === undefined ? {} : { post_logout_redirect_uris: uris }),
    ...(required ? { required_scope: required } : {}),
  };
}

function isSame(one: Client, other: Client): boolean {
  const entries = (client: Client) => JSON.stringify(Object.entries(printed(client)).toSorted());
  return entries(one) === entries(other);
}
