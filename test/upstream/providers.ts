/** A server with an OpenID provider, for the tests of signing in there. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { statement } from '../../src/storage/engine/database.ts';
import { commandsOn } from '../operator/operators.ts';
import { recordSecret } from '../support/issued-secrets.ts';
import type { Node } from '../support/oauth.ts';
import type { Person, ScriptedProvider } from '../support/scripted-provider.ts';
import type { Page, UserAgent } from '../support/user-agent.ts';

/** Adds a provider by the operators' command. @returns what it printed. */
export async function addProvider(
  { database, issuer }: Node,
  provider: Pick<ScriptedProvider, 'issuer' | 'clientId' | 'secret'>,
  ...options: string[]
) {
  const directory = mkdtempSync(join(tmpdir(), 'usher-provider-'));
  const file = join(directory, 'secret.txt');
  writeFileSync(file, `${provider.secret}\n`);
  recordSecret('client secret of a provider', provider.secret);
  try {
    const run = commandsOn(database.db, issuer);
    const words = [provider.issuer, provider.clientId, file, '--as', 'operator@usher.test'];
    return await run('identity-provider', 'add', 'acme', ...words, '--name', 'Acme', ...options);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Goes to the provider, signs in there, and comes back. @param from the address that begins. */
export async function signInThere(
  agent: UserAgent,
  provider: ScriptedProvider,
  person: Person,
  from = '/sign-in/provider/acme',
): Promise<Page> {
  const there = await agent.get(from);
  return agent.get(provider.signIn(there.url, person));
}

/** Rows of the server's database. */
export function rowsOf({ database }: Node, sql: string, ...values: unknown[]) {
  return database.db.query<Record<string, unknown>>(statement(sql), values);
}

/** Somebody new at the provider. */
export function newPerson(change: Partial<Person> = {}): Person {
  const sub = `sub-${Math.random().toString(36).slice(2)}`;
  return { sub, email: `${sub}@trusted.test`, email_verified: true, name: 'Pat Doe', ...change };
}
