/**
 * The people of one database: who was given a role there, and what gives others theirs.
 *
 *   GET  /organizations/:slug/databases/:database/access
 *   POST /organizations/:slug/databases/:database/access          gives a member a role
 *   POST /organizations/:slug/databases/:database/access/role     changes it
 *   POST /organizations/:slug/databases/:database/access/remove   takes it
 *
 * @module
 */

import { normalizeEmail } from '../../lib/email-address.ts';
import { parseId, printId } from '../../lib/ids.ts';
import {
  baseRoleName,
  databaseAdministratorRole,
  databaseRoleToday,
  isDatabaseRole,
  roleName,
} from '../../members/roles.ts';
import {
  giveDatabaseRole,
  stepDown,
  takeDatabaseRole,
} from '../../organizations/database-people.ts';
import { readDatabaseAccess, requireMemberId } from '../../organizations/database-view.ts';
import { RefusedError } from '../../organizations/refusals.ts';
import { findAccount } from '../../storage/people/accounts.ts';
import {
  type DatabaseIds,
  type DatabasePerson,
  databaseRolesOf,
} from '../../storage/tree/databases.ts';
import { emailFault } from '../page/email-fault.ts';
import type { ConsoleForm, ConsolePage, ConsoleParts, ConsoleRequest } from './console-page.ts';
import { type Deed, seeDone } from './deeds.ts';
import { idAt, showConsole } from './frame.ts';
import { nothingThere } from './refusal-texts.ts';
import { asSeen, OutdatedError, seenField, seenOf, whileIt } from './seen-state.ts';

const section = 'databases';
const path = '/databases/:database/access';
const act = 'databases.read';
const pageOf = 20;

export const databaseAccessPages: readonly ConsolePage[] = [
  { method: 'GET', path, section, act, open: (parts, request) => show(parts, request) },
  { method: 'POST', path, section, act, send: sendPerson },
  { method: 'POST', path: `${path}/role`, section, act, send: sendRole },
  { method: 'POST', path: `${path}/remove`, section, act, send: sendRemoval },
];

const idsOf = (request: ConsoleRequest): DatabaseIds => ({
  organizationId: request.here.organization.id,
  databaseId: idAt(request, 'database', 'database'),
});
const pathOf = ({ databaseId }: DatabaseIds) =>
  `/databases/${printId('database', databaseId)}/access`;

/** What was typed into the form for one more person, and what is wrong with it. */
interface Typed {
  readonly email?: string;
  readonly role?: string;
  readonly error?: string;
  /** Something else that was not done. */
  readonly notice?: string;
}

async function show(
  parts: ConsoleParts,
  request: ConsoleRequest,
  typed: Typed = {},
): Promise<void> {
  const { here, actor, ctx, signedIn } = request;
  const t = parts.messagesOf(ctx);
  const at = idsOf(request);
  const text = ctx.URL.searchParams.get('after');
  const after = text === null ? undefined : parseId('user', text);
  if (text !== null && after === undefined) throw nothingThere();
  const part = { after: after === undefined ? undefined : [after], limit: pageOf };
  const view = await readDatabaseAccess(parts.db, actor, at, part);
  const { database, organization, people, teams, givable, may } = view;
  const [own, on] = [pathOf(at), printId('database', at.databaseId)];
  const names = (role: string) => roleName(role, t.locale);
  const [last] = people.next ?? [];
  showConsole(parts, request, 'console/database-access', {
    title: t.text('access.title', { name: database.slug }),
    section,
    typed,
    isRefused: typed.error !== undefined,
    path: own,
    back: { href: `${here.base}/databases/${on}`, name: database.slug },
    mayGive: may('database_role.given'),
    whyHref: `${here.base}/why?on=${on}`,
    productionHref: `${here.base}/why?on=${on}&do=production`,
    administrator: databaseAdministratorRole,
    roles: givable.map((role) => ({ value: role, name: names(role) })),
    mayGiveAdministrator: givable.includes(databaseAdministratorRole),
    people: people.items.map(({ accountId, name, email, role }) => ({
      id: printId('user', accountId),
      name,
      email,
      roleName: names(role),
      isSelf: accountId === signedIn.account.id,
      seen: seenOf(role),
      mayChange: may('database_role.taken') || accountId === signedIn.account.id,
      options: givable.map((one) => ({ value: one, name: names(one), isChosen: one === role })),
      whyHref: `${here.base}/why?person=${printId('user', accountId)}&on=${on}`,
    })),
    teams: teams.items.map(({ name }) => name),
    baseRole: baseRoleName(organization.baseRole, t.locale),
    organizationName: organization.name,
    next: last && `${here.base}${own}?after=${printId('user', last)}`,
  });
}

async function sendPerson(parts: ConsoleParts, form: ConsoleForm): Promise<void> {
  const { fields, ctx, actor } = form;
  const t = parts.messagesOf(ctx);
  const at = idsOf(form);
  const email = fields.get('email')?.trim() ?? '';
  const role = roleIn(form);
  const address = normalizeEmail(email);
  const refuse = (error: string) => {
    ctx.status = 422;
    return show(parts, form, { email, role, error });
  };
  if (address === undefined) return refuse(emailFault(t, email, 'access.no-email'));
  try {
    const accountId = await requireMemberId(parts.db, actor, at, address);
    const person = { ...at, accountId };
    const work = whileIt(form, async (tx) => !(await databaseRolesOf(tx, person)).direct);
    await giveDatabaseRole(work, actor, person, role);
    const name = (await findAccount(parts.db, accountId))?.name ?? address;
    const values = { name, role: roleName(role, t.locale) };
    seeDone(parts, form, pathOf(at), { text: 'access.given', values });
  } catch (error) {
    if (error instanceof OutdatedError) {
      ctx.status = 409;
      return show(parts, form, { email, role, error: t.text('access.has-role') });
    }
    const isStranger =
      error instanceof RefusedError &&
      error.refusal.code === 'forbidden' &&
      error.refusal.reason === 'not_a_member';
    if (!isStranger) throw error;
    return refuse(t.text('access.not-a-member'));
  }
}

/** @throws {PageError} 404: no role of a database. */
function roleIn({ fields }: ConsoleForm): string {
  const role = fields.get('role') ?? '';
  if (!isDatabaseRole(role)) throw nothingThere();
  return role;
}

/** @throws {PageError} 404: no id. */
function personIn(form: ConsoleForm): DatabasePerson {
  const accountId = parseId('user', form.fields.get('member') ?? '');
  if (accountId === undefined) throw nothingThere();
  return { ...idsOf(form), accountId };
}

/** Does it while the person's role is the one that was shown; else says the role of now. */
async function doing(
  parts: ConsoleParts,
  form: ConsoleForm,
  at: DatabasePerson,
  change: () => Promise<Deed>,
): Promise<void> {
  try {
    const deed = await change();
    seeDone(parts, form, pathOf(idsOf(form)), deed);
  } catch (error) {
    if (!(error instanceof OutdatedError)) throw error;
    form.ctx.status = 409;
    const { direct } = await databaseRolesOf(parts.db, at);
    const values = await valuesOf(parts, form, at, direct ?? '');
    const key = direct === undefined ? 'access.outdated-none' : 'access.outdated';
    await show(parts, form, { notice: parts.messagesOf(form.ctx).text(key, values) });
  }
}

const ifAsSeen = (form: ConsoleForm, at: DatabasePerson) =>
  asSeen(form, async (tx) => {
    const { direct } = await databaseRolesOf(tx, at);
    return direct && databaseRoleToday(direct);
  });

function sendRole(parts: ConsoleParts, form: ConsoleForm): Promise<void> {
  const [at, role] = [personIn(form), roleIn(form)];
  return doing(parts, form, at, async () => {
    const { direct } = await databaseRolesOf(parts.db, at);
    await giveDatabaseRole(ifAsSeen(form, at), form.actor, at, role);
    return {
      text: 'access.given',
      values: await valuesOf(parts, form, at, role),
      undo: direct === undefined || direct === role ? undefined : undoRole(at, direct, role),
    };
  });
}

function undoRole(at: DatabasePerson, before: string, now: string) {
  const fields = {
    member: printId('user', at.accountId),
    role: before,
    [seenField]: seenOf(now),
  };
  return { path: `${pathOf(at)}/role`, fields };
}

function sendRemoval(parts: ConsoleParts, form: ConsoleForm): Promise<void> {
  const at = personIn(form);
  const { actor } = form;
  return doing(parts, form, at, async () => {
    const { direct } = await databaseRolesOf(parts.db, at);
    const isOwn = at.accountId === actor.accountId;
    const work = ifAsSeen(form, at);
    await (isOwn ? stepDown(work, actor, at) : takeDatabaseRole(work, actor, at));
    return { text: 'access.taken', values: await valuesOf(parts, form, at, direct ?? '') };
  });
}

async function valuesOf(
  { db, messagesOf }: ConsoleParts,
  { ctx }: ConsoleForm,
  { accountId }: DatabasePerson,
  role: string,
) {
  const name = (await findAccount(db, accountId))?.name ?? '';
  return { name, role: roleName(role, messagesOf(ctx).locale) };
}
