/**
 * `organization ...`: the organizations of the platform.
 *
 * @module
 */

import { asOperator } from '../applications/as-operator.ts';
import {
  reinstateOrganization,
  suspendOrganization,
} from '../applications/suspend-organization.ts';
import { printId } from '../lib/ids.ts';
import { foundOrganization } from '../organizations/create-organization.ts';
import { checkNameAndSlug } from '../organizations/names.ts';
import { brokeConstraint, type Database } from '../storage/engine/database.ts';
import { holdActiveAccount } from '../storage/people/accounts.ts';
import {
  deleteOrganization,
  findOrganizationBySlug,
  listAllOrganizations,
  lockOrganization,
} from '../storage/tree/organizations.ts';
import { actorOf, emailOf } from './acting.ts';
import {
  CommandError,
  type Context,
  exitCodes,
  type Given,
  type Result,
  type Subject,
} from './command.ts';
import { accountFor } from './set-up-link.ts';

export const organization: Subject = {
  summary: 'The organizations of the platform.',
  commands: {
    add: {
      summary: 'make an organization with its first administrator',
      words: ['NAME'],
      options: {
        admin: {
          value: 'EMAIL',
          help: 'its first administrator (required); without an account, one is made and a link printed',
        },
        slug: { value: 'SLUG', help: 'its name in addresses; made from NAME without it' },
      },
      byOperator: true,
      example: 'organization add Acme --admin ada@example.com',
      run: add,
    },
    list: {
      summary: 'list the organizations',
      words: [],
      byOperator: true,
      example: 'organization list --json',
      run: list,
    },
    suspend: {
      summary:
        'suspend an organization: nobody is anything in it, and no token gives anything there',
      words: ['SLUG'],
      options: { reason: { value: 'TEXT', help: 'why; its members are shown it (required)' } },
      byOperator: true,
      example: 'organization suspend acme --reason "Reported for abuse"',
      run: suspend,
    },
    reinstate: {
      summary: 'end the suspension, and give back all of what was there',
      words: ['SLUG'],
      options: { reason: { value: 'TEXT', help: 'why, for the audit log' } },
      byOperator: true,
      example: 'organization reinstate acme',
      run: reinstate,
    },
    remove: {
      summary: 'remove an organization with all that is in it',
      words: ['SLUG'],
      options: { yes: { help: 'also when it has databases or more than one member' } },
      byOperator: true,
      example: 'organization remove acme --yes',
      run: remove,
    },
  },
};

async function add(context: Context, given: Given): Promise<Result> {
  const [name = ''] = given.words;
  const admin = given.text('admin');
  if (admin === undefined) throw new CommandError('Name its first administrator: --admin EMAIL');
  const email = emailOf(admin);
  const named = checkNameAndSlug('organization', {
    name,
    slug: given.text('slug') ?? slugOf(name),
  });
  const { database, issuer } = context;
  const act = { action: 'organization.created', subject: named.slug };
  try {
    return await asOperator<Result>(
      database,
      await actorOf(context, given),
      act,
      async (tx, record) => {
        const { id: administratorId, made, link } = await accountFor(tx, issuer, email);
        if ((await holdActiveAccount(tx, administratorId)) === undefined) {
          return { outcome: 'refused', reason: `The account ${email} is not active` };
        }
        const id = await foundOrganization(tx, named, administratorId);
        const organization = printId('organization', id);
        const administrator = printId('user', administratorId);
        await record({ organizationId: id, after: { ...named, administrator } });
        return {
          outcome: 'created',
          organization,
          ...named,
          administrator,
          account: made ? 'made' : 'found',
          ...link,
        };
      },
    );
  } catch (error) {
    if (!brokeConstraint(error, 'organizations_slug_key')) throw error;
    throw new CommandError(
      `There is an organization with the slug ${named.slug}; choose another by --slug (slug_taken)`,
      exitCodes.refused,
    );
  }
}

/** @returns what a name becomes in addresses: letters without accents, digits and hyphens. */
function slugOf(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 63)
    .replace(/-+$/, '');
}

async function list(context: Context, given: Given): Promise<Result> {
  const act = { action: 'organization.listed', subject: 'organization' };
  return asOperator<Result>(context.database, await actorOf(context, given), act, async (tx) => {
    const organizations = (await listAllOrganizations(tx)).map(({ id, ...rest }) => ({
      ...rest,
      id: printId('organization', id),
    }));
    return { outcome: 'listed', organizations };
  });
}

async function suspend(context: Context, given: Given): Promise<Result> {
  const reason = given.text('reason')?.trim() ?? '';
  if (reason === '' || reason.length > mostReason) {
    throw new CommandError(`Say why in 1 to ${mostReason} characters: --reason TEXT`);
  }
  return withId(context, given, (actor, id) =>
    suspendOrganization(context.database, actor, id, reason),
  );
}

function reinstate(context: Context, given: Given): Promise<Result> {
  return withId(context, given, (actor, id) =>
    reinstateOrganization(context.database, actor, id, given.text('reason')),
  );
}

/** As many characters as the page of operators takes. */
const mostReason = 300;

async function withId(
  context: Context,
  given: Given,
  change: (actor: Awaited<ReturnType<typeof actorOf>>, id: string) => Promise<Result>,
): Promise<Result> {
  const [slug = ''] = given.words;
  const actor = await actorOf(context, given);
  const found = await findOrganizationBySlug(context.database, slug);
  return found === undefined ? { outcome: 'unknown_organization' } : change(actor, found.id);
}

async function remove(context: Context, given: Given): Promise<Result> {
  const [slug = ''] = given.words;
  const actor = await actorOf(context, given);
  const found = await findOrganizationBySlug(context.database, slug);
  if (found === undefined) return { outcome: 'unknown_organization' };
  const isUsed = found.databases > 0 || found.members > 1;
  if (isUsed && !given.has('yes')) {
    throw new CommandError(
      `${found.name} has ${found.databases} databases and ${found.members} members. ` +
        'Add --yes to remove it with all of them.',
      exitCodes.refused,
    );
  }
  return removeById(context.database, { actor, id: found.id });
}

function removeById(
  database: Database,
  { actor, id }: { actor: Parameters<typeof asOperator>[1]; id: string },
): Promise<Result> {
  const act = { action: 'organization.deleted', subject: printId('organization', id) };
  return asOperator<Result>(database, actor, act, async (tx, record) => {
    const organization = await lockOrganization(tx, id);
    if (organization === undefined) return { outcome: 'unknown_organization' };
    await deleteOrganization(tx, id);
    const { name, slug } = organization;
    await record({ organizationId: id, before: { name, slug } });
    return { outcome: 'deleted', slug };
  });
}
