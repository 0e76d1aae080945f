/**
 * What operators do on the command line.
 *
 *     operator add|remove <e-mail>
 *     service-client add <name> <file with a JWK or a JWK Set> --as <operator's e-mail>
 *     resource-server add <name> [--audience <uri>] [--requires-resource] --as <...>
 *     application suspend|reinstate <client id> --as <...>
 *     application set <client id> <name=value>... --as <...>    clients/client-settings.ts
 *     application settings                                      of all that have any
 *     account suspend|reinstate <e-mail> --as <...>
 *     keys rotate --as <...>
 *
 * Whoever reaches the database's address may name operators; all else is done in the name of one,
 * and is in the audit trail. An operator who has no account gets one without a password, since a new
 * database has none that could be named; an invitation to that address gives it a password.
 *
 * @module
 */

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Actor, asOperator } from '../applications/as-operator.ts';
import { changeSettings, listSettings } from '../applications/client-settings.ts';
import { createResourceServer } from '../applications/resource-servers.ts';
import { createServiceClient } from '../applications/service-clients.ts';
import { reinstateApplication, suspendApplication } from '../applications/suspend.ts';
import { reinstateAccount, suspendAccount } from '../applications/suspend-account.ts';
import { normalizeEmail } from '../lib/email-address.ts';
import { newId, printId } from '../lib/ids.ts';
import { rotateKeys } from '../provider/keyring.ts';
import { findAccountWithPassword, insertAccount } from '../storage/accounts.ts';
import { recordAuditEvent } from '../storage/audit-events.ts';
import type { Database } from '../storage/database.ts';
import { addOperator, removeOperator } from '../storage/operators.ts';

/** The command line cannot be followed; the message says why. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

interface Options {
  /** What wraps the keys of this installation; asked for by the command that needs it. */
  readonly usherKey: () => string;
  readonly as?: string | undefined;
  readonly audience?: string | undefined;
  readonly 'requires-resource'?: boolean | undefined;
}

type Command = (
  database: Database,
  words: readonly string[],
  options: Options,
) => Promise<{ readonly outcome: string }>;

const commands: Readonly<Record<string, Command>> = {
  'operator add': (database, [email]) => nameOperator(database, email),
  'operator remove': (database, [email]) => dismissOperator(database, email),
  'service-client add': async (database, [name, file], options) =>
    createServiceClient(database, await actorOf(database, options), {
      name: required(name, 'a name'),
      jwks: readKeys(required(file, 'a file with a public JWK')),
    }),
  'resource-server add': async (database, [name], options) =>
    createResourceServer(database, await actorOf(database, options), {
      name: required(name, 'a name'),
      kind: { kind: 'platform' },
      audience: options.audience,
      requiresResource: options['requires-resource'] === true,
    }),
  'application suspend': async (database, [id], options) =>
    suspendApplication(database, await actorOf(database, options), required(id, 'a client id')),
  'application reinstate': async (database, [id], options) =>
    reinstateApplication(database, await actorOf(database, options), required(id, 'a client id')),
  'application set': async (database, [id, ...settings], options) =>
    changeSettings(
      database,
      await actorOf(database, options),
      required(id, 'a client id'),
      settings,
    ),
  'application settings': async (database) => ({
    outcome: 'listed',
    applications: await listSettings(database),
  }),
  'account suspend': async (database, [email], options) =>
    suspendAccount(database, await actorOf(database, options), await accountOf(database, email)),
  'account reinstate': async (database, [email], options) =>
    reinstateAccount(database, await actorOf(database, options), await accountOf(database, email)),
  'keys rotate': async (database, _words, options) =>
    rotate(database, await actorOf(database, options), options.usherKey()),
};

/**
 * Does what the command line says.
 *
 * @returns what came of it, to be printed; a secret in it is told this once.
 * @throws {CommandError} it cannot be understood, or names what is not there.
 */
export async function runCommand(
  database: Database,
  args: readonly string[],
  usherKey: () => string,
): Promise<unknown> {
  const { positionals, values } = parse(args);
  const [noun = '', verb = '', ...words] = positionals;
  const command = commands[`${noun} ${verb}`];
  if (command === undefined) {
    throw new CommandError(`Commands: ${Object.keys(commands).join(', ')}`);
  }
  const { outcome, ...told } = await command(database, words, { ...values, usherKey });
  const isDone = ['created', 'changed', 'unchanged', 'listed'].includes(outcome);
  if (!isDone) throw new CommandError([outcome, ...Object.values(told)].join(': '));
  return { outcome, ...told };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        as: { type: 'string' },
        audience: { type: 'string' },
        'requires-resource': { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new CommandError((error as Error).message);
  }
}

/** New keys beside the old ones; what nodes do with them is in provider/keyring.ts. */
function rotate(database: Database, actor: Actor, usherKey: string) {
  const act = { action: 'keys.rotated', subject: 'keys' };
  return asOperator(database, actor, act, async (tx, record) => {
    const generation = await rotateKeys(tx, usherKey);
    if (generation === undefined) return { outcome: 'unchanged' };
    await record({ after: { generation } });
    return { outcome: 'created', generation };
  });
}

/** The first operator can be named by nobody before, so naming one takes no operator. */
async function nameOperator(database: Database, written: string | undefined) {
  const email = normalizeEmail(required(written, 'an e-mail address'));
  if (email === undefined) throw new CommandError(`This is no e-mail address: ${written}`);
  return database.transaction(async (tx) => {
    const found = (await findAccountWithPassword(tx, { email }))?.account;
    const accountId = found?.id ?? newId();
    if (found === undefined) {
      const unproven = { passwordHash: undefined, emailVerifiedAt: undefined };
      await insertAccount(tx, { id: accountId, email, name: email, ...unproven });
    }
    await addOperator(tx, accountId);
    const account = found === undefined ? 'made' : 'found';
    const subject = printId('user', accountId);
    await recordAuditEvent(tx, { action: 'operator.added', subject, after: { account } });
    return { outcome: 'changed', account };
  });
}

async function dismissOperator(database: Database, email: string | undefined) {
  const accountId = await accountOf(database, email);
  return database.transaction(async (tx) => {
    if (!(await removeOperator(tx, accountId))) return { outcome: 'unchanged' };
    const subject = printId('user', accountId);
    await recordAuditEvent(tx, { action: 'operator.removed', subject });
    return { outcome: 'changed' };
  });
}

async function actorOf(database: Database, { as }: Options): Promise<Actor> {
  if (as === undefined) throw new CommandError('Say in whose name: --as <e-mail of an operator>');
  const origin = { address: undefined, userAgent: 'command line' };
  return { accountId: await accountOf(database, as), origin };
}

async function accountOf(database: Database, written: string | undefined): Promise<string> {
  const email = normalizeEmail(required(written, 'an e-mail address'));
  const found =
    email === undefined ? undefined : await findAccountWithPassword(database, { email });
  if (found === undefined) throw new CommandError(`There is no account ${written}`);
  return found.account.id;
}

function required(word: string | undefined, what: string): string {
  if (word === undefined || word === '') throw new CommandError(`The command needs ${what}`);
  return word;
}

/** One key alone is a set of one. */
function readKeys(file: string): unknown {
  try {
    const read = JSON.parse(readFileSync(file, 'utf8'));
    return 'keys' in read ? read : { keys: [read] };
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
