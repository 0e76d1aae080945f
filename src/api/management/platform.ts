/**
 * The platform's service client keeps the tree in step, by the platform's own ids. A `PUT` says how
 * a thing is to be; the same again changes nothing.
 *
 * @module
 */

import { z } from 'zod';
import { normalizeEmail } from '../../lib/email-address.ts';
import { type IdKind, parseId, printId } from '../../lib/ids.ts';
import { administratorRole, memberRole } from '../../members/roles.ts';
import type { Actor } from '../../organizations/actor.ts';
import { deleteBranch } from '../../organizations/branches.ts';
import { deleteDatabase } from '../../organizations/databases.ts';
import { removeMember } from '../../organizations/members.ts';
import { deleteOrganization } from '../../organizations/organization-settings.ts';
import { invalid, notFound } from '../../organizations/refusals.ts';
import {
  requireOrganizationId,
  type SyncedThing,
  syncLine,
  syncOrganization,
} from '../../organizations/sync.ts';
import type { SyncLine, Who } from '../../organizations/sync-lines.ts';
import type { Db } from '../../storage/engine/database.ts';
import { findAccountWithPassword } from '../../storage/people/accounts.ts';
import { findSyncedBranches, findSyncedDatabases } from '../../storage/tree/sync-rows.ts';
import { subjectRules } from '../../upstream/synced-subjects.ts';
import type { Call } from './call.ts';
import { importFile, importType } from './import.ts';
import { importedLine, type NamedWho, readWho } from './import-lines.ts';
import { route } from './route.ts';
import * as schemas from './schemas.ts';

const organization = '/platform/organizations/{external_organization}';
const database = `${organization}/databases/{external_database}` as const;
const branch = `${database}/branches/{external_branch}` as const;
const member = `${organization}/members/{who}` as const;

const platform = { isForPlatform: true } as const;
const ok = { ...platform, answer: schemas.synced } as const;
const gone = { ...platform, status: 204 } as const;

interface InOrganization {
  readonly externalOrganization: string;
}

const printSynced =
  (kind: IdKind) =>
  ({ id, outcome }: SyncedThing) => ({ id: printId(kind, id), outcome });

/** Finds the organization, and brings one thing in it to what the line says. */
async function put(
  { work, actor, signInUrl }: Pick<Call, 'work' | 'actor' | 'signInUrl'>,
  { externalOrganization }: InOrganization,
  line: SyncLine,
): Promise<SyncedThing> {
  const organizationId = await requireOrganizationId(work.plain, actor, externalOrganization);
  const subjects = subjectRules(actor, signInUrl);
  const result = await syncLine(work, actor, { organizationId, subjects }, line);
  if (result.outcome === 'absent' || result.outcome === 'removed') throw notFound();
  return result;
}

/** An account's id as it is printed, or an address. */
function whoOf(text: string): Who {
  const accountId = parseId('user', text);
  const email = normalizeEmail(text);
  if (accountId !== undefined) return { accountId };
  if (email !== undefined) return { email };
  throw notFound();
}

function namedWho(member: string, named: Omit<NamedWho, 'member'>): Who {
  const who = readWho({ member, ...named });
  if ('message' in who) throw invalid(who);
  return who;
}

export const platformRoutes = [
  route({
    id: 'syncOrganization',
    address: `PUT ${organization}`,
    summary: 'Create an organization, or set its name and slug',
    ...ok,
    conflicts: ['slug_taken'],
    body: schemas.nameAndSlug.extend({
      administrator: z.string().max(300).optional().meta({
        description: 'Its first administrator: an e-mail address or an id; needed to create it.',
      }),
    }),
    run: async ({ db, work, actor, at, body: { administrator, ...named } }) => {
      const wish = { ...named, administratorId: await accountIdOf(db, administrator) };
      return syncOrganization(work, actor, at.externalOrganization, wish);
    },
    print: printSynced('organization'),
  }),
  route({
    id: 'unsyncOrganization',
    address: `DELETE ${organization}`,
    summary: 'Delete an organization with all that is inside it',
    ...gone,
    run: async ({ db, work, actor, at }) => {
      const id = await requireOrganizationId(db, actor, at.externalOrganization);
      return deleteOrganization(work, actor, id);
    },
  }),
  route({
    id: 'syncDatabase',
    address: `PUT ${database}`,
    summary: 'Create a database, or set its slug',
    ...ok,
    conflicts: ['slug_taken', 'external_id_taken'],
    body: schemas.slugAlone,
    run: (call) => {
      const { at, body } = call;
      return put(call, at, { type: 'database', externalId: at.externalDatabase, ...body });
    },
    print: printSynced('database'),
  }),
  route({
    id: 'unsyncDatabase',
    address: `DELETE ${database}`,
    summary: 'Delete a database with its branches',
    ...gone,
    run: async ({ db, work, actor, at }) =>
      deleteDatabase(work, actor, await findDatabase(db, actor, at)),
  }),
  route({
    id: 'syncBranch',
    address: `PUT ${branch}`,
    summary: 'Create a branch, or set its slug and its kind',
    description:
      'A branch of that slug that has no id of the platform yet, such as the first `main`, is taken to be this one.',
    ...ok,
    conflicts: ['slug_taken', 'external_id_taken', 'last_production_branch'],
    body: schemas.slugAlone.extend({ production: z.boolean() }),
    run: (call) => {
      const { at, body } = call;
      const { externalBranch: externalId, externalDatabase } = at;
      return put(call, at, {
        type: 'branch',
        externalId,
        database: externalDatabase,
        ...body,
      });
    },
    print: printSynced('branch'),
  }),
  route({
    id: 'unsyncBranch',
    address: `DELETE ${branch}`,
    summary: 'Delete a branch; the last production branch stays',
    ...gone,
    conflicts: ['last_production_branch'],
    run: async ({ db, work, actor, at }) => {
      const ids = await findDatabase(db, actor, at);
      const found = await findSyncedBranches(db, [at.externalBranch], []);
      const branchId = found.find(({ databaseId }) => databaseId === ids.databaseId)?.id;
      if (branchId === undefined) throw notFound();
      return deleteBranch(work, actor, { ...ids, branchId });
    },
  }),
  route({
    id: 'syncMember',
    address: `PUT ${member}`,
    summary: 'Make somebody a member, by e-mail address or id',
    description:
      'Where the address has no account, one is made, without a password and with an unproven address. With `subject` the account is bound to it, and its address counts as proven where whoever issues the subjects may say whose it is; that takes a service client with `--sign-in`.',
    ...ok,
    conflicts: ['last_administrator'],
    body: z.strictObject({
      name: schemas.personName.optional(),
      subject: schemas.subject.optional(),
      provider: schemas.subjectProvider.optional(),
      role: z.literal([memberRole, administratorRole]).optional().meta({
        description:
          "Left out: a member stays what they are. The administrator's takes a service client with `--administrators`.",
      }),
    }),
    run: (call) => {
      const { at, body } = call;
      const { name, role, ...named } = body;
      const who = named.subject === undefined ? whoOf(at.who) : namedWho(at.who, named);
      return put(call, at, { type: 'member', who, name, role });
    },
    print: printSynced('user'),
  }),
  route({
    id: 'unsyncMember',
    address: `DELETE ${member}`,
    summary: 'Remove a member with all roles, teams and consents there',
    ...gone,
    conflicts: ['last_administrator'],
    run: async ({ db, work, actor, at }) => {
      const organizationId = await requireOrganizationId(db, actor, at.externalOrganization);
      const accountId = await accountIdOf(db, at.who);
      if (accountId === undefined) throw notFound();
      return removeMember(work, actor, { organizationId, accountId });
    },
  }),
  route({
    id: 'importLines',
    address: `POST ${organization}/import`,
    summary: 'Bring databases, branches, members and their roles to what the lines say',
    description: `A line is a JSON object; a line of the answer tells what came of it. Each batch of
1,000 lines is done as a whole or not at all, with one event in the audit log. With an
\`Idempotency-Key\`, a stream that broke off or ended early is sent again from its beginning: what is done
already is reported and not repeated, and a different line with its number is refused. The last line
says \`done\`; an answer without it broke off.
Whether the caller may do this is asked again for every batch. Where the token is revoked or expires, or
its client is suspended, on the way, the batches before stay done, nothing after them is, and the last
line is \`{"done":false,...}\` with the \`problem\`: the status has been sent by then, so it stays 200.`,
    ...platform,
    line: importedLine,
    file: [importType],
    run: async ({ db, work, actor, at, incoming, signInUrl }) => {
      if (incoming === undefined)
        throw new TypeError('its row has a line, so its body comes as a stream');
      const organizationId = await requireOrganizationId(db, actor, at.externalOrganization);
      const subjects = subjectRules(actor, signInUrl);
      return importFile(work, actor, { organizationId, subjects }, incoming);
    },
  }),
];

async function findDatabase(
  db: Db,
  actor: Actor,
  at: InOrganization & { readonly externalDatabase: string },
) {
  const organizationId = await requireOrganizationId(db, actor, at.externalOrganization);
  const found = await findSyncedDatabases(db, organizationId, [at.externalDatabase], []);
  const databaseId = found.find((one) => one.organizationId === organizationId)?.id;
  if (databaseId === undefined) throw notFound();
  return { organizationId, databaseId };
}

async function accountIdOf(db: Db, who: string | undefined): Promise<string | undefined> {
  if (who === undefined) return undefined;
  const id = parseId('user', who);
  if (id !== undefined) return id;
  const email = normalizeEmail(who);
  const found = email === undefined ? undefined : await findAccountWithPassword(db, { email });
  return found?.account.id;
}
