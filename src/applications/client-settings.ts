/**
 * Operators change the settings of one client, and look at them.
 *
 * @module
 */

import type { Client } from '../clients/client.ts';
import {
  type ClientSettings,
  changeSetting,
  findSettingFault,
  readSetting,
  settingWarnings,
} from '../clients/client-settings.ts';
import { listClientsWithSettings, saveClientSettings } from '../storage/client-settings.ts';
import { holdClient } from '../storage/clients.ts';
import type { Database, Db } from '../storage/database.ts';
import { type Actor, asOperator, type NotAllowed } from './as-operator.ts';

export type SettingsOutcome =
  | {
      readonly outcome: 'changed' | 'unchanged';
      readonly settings: ClientSettings;
      readonly warnings: readonly string[];
    }
  | { readonly outcome: 'refused'; readonly reason: string }
  | { readonly outcome: 'unknown_client' }
  | NotAllowed;

/** Changes settings, each written `name=value`: all of them, or none. In force with the next request. */
export function changeSettings(
  database: Database,
  actor: Actor,
  clientId: string,
  written: readonly string[],
): Promise<SettingsOutcome> {
  const act = { action: 'application.settings_changed', subject: clientId };
  return asOperator<SettingsOutcome>(database, actor, act, async (tx, record) => {
    const before = await holdClient(tx, clientId);
    if (before === undefined) return { outcome: 'unknown_client' };
    const settings = readChanges(before.settings, written);
    if (typeof settings === 'string') return { outcome: 'refused', reason: settings };
    const after = { ...before, settings };
    const reason = findSettingFault(after);
    if (reason !== undefined) return { outcome: 'refused', reason };
    const warnings = settingWarnings(after);
    if (isSame(before.settings, settings)) return { outcome: 'unchanged', settings, warnings };
    await saveClientSettings(tx, clientId, settings);
    await record({
      actorClientId: clientId,
      organizationId: before.ownerOrganizationId,
      before: { ...before.settings },
      after: { ...settings },
    });
    return { outcome: 'changed', settings, warnings };
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

function readChanges(settings: ClientSettings, written: readonly string[]) {
  let changed = settings;
  for (const text of written) {
    const change = readSetting(text);
    if (typeof change === 'string') return change;
    changed = changeSetting(changed, change);
  }
  return written.length === 0 ? 'name at least one setting, as name=value' : changed;
}

function isSame(one: ClientSettings, other: ClientSettings): boolean {
  const entries = (settings: ClientSettings) => JSON.stringify(Object.entries(settings).toSorted());
  return entries(one) === entries(other);
}
