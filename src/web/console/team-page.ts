/**
 * One team: its members, what it administers, and what a change gives and takes before it is made.
 *
 *   GET  /organizations/:slug/teams/:team
 *   GET  /organizations/:slug/teams/:team/change?do=   what a change would do, and the form that makes it
 *   POST /organizations/:slug/teams/:team/change       makes it
 *   POST /organizations/:slug/teams/:team/rename
 *
 * @module
 */

import { normalizeEmail } from '../../lib/email-address.ts';
import { parseId, printId } from '../../lib/ids.ts';
import { RefusedError } from '../../organizations/refusals.ts';
import {
  addTeamDatabase,
  addTeamMember,
  removeTeamDatabase,
  removeTeamMember,
} from '../../organizations/team-contents.ts';
import {
  type ChangeWish,
  effectsNow,
  effectsState,
  previewChange,
  readTeamView,
  teamChanges,
} from '../../organizations/team-view.ts';
import { deleteTeam, renameTeam } from '../../organizations/teams.ts';
import type { Work } from '../../storage/engine/database.ts';
import type { Listed, Part } from '../../storage/engine/listed.ts';
import { findTeam, type TeamIds } from '../../storage/tree/teams.ts';
import { emailFault } from '../page/email-fault.ts';
import type { ConsoleForm, ConsolePage, ConsoleParts, ConsoleRequest } from './console-page.ts';
import { type Deed, seeDone } from './deeds.ts';
import { idAt, showConsole } from './frame.ts';
import { searchOf } from './paging.ts';
import { nothingThere } from './refusal-texts.ts';
import { asSeen, OutdatedError, seenField, seenOf } from './seen-state.ts';
import { nameFaultsOf } from './slug-faults.ts';
import { doneTexts, submitTexts, titleTexts } from './team-texts.ts';

const section = 'teams';
const path = '/teams/:team';
const act = 'teams.read';
const pageOf = 25;

export const teamPages: readonly ConsolePage[] = [
  { method: 'GET', path, section, act, open: (parts, request) => show(parts, request) },
  {
    method: 'GET',
    path: `${path}/change`,
    section,
    act: 'team.deleted',
    open: (parts, request) => openChange(parts, request),
  },
  {
    method: 'POST',
    path: `${path}/change`,
    section,
    act: 'team.deleted',
    shownBy: ['do', 'member', 'database'],
    send: sendChange,
  },
  { method: 'POST', path: `${path}/rename`, section, act: 'team.renamed', send: sendRename },
];

const idsOf = (request: ConsoleRequest): TeamIds => ({
  organizationId: request.here.organization.id,
  teamId: idAt(request, 'team', 'team'),
});
const pathOf = ({ teamId }: TeamIds) => `/teams/${printId('team', teamId)}`;

/** What was typed and not done. */
interface Typed {
  readonly form?: 'name' | 'member' | 'database';
  readonly values?: Readonly<Record<string, string>>;
  readonly errors?: Readonly<Record<string, string>>;
  readonly notice?: string;
}

type Kind = 'user' | 'database';

const afterNames = { user: 'after', database: 'after-database' } as const;

/** @throws {PageError} 404: it is no position in a list. */
function partOf({ ctx }: ConsoleRequest, kind: Kind): Part {
  const text = ctx.URL.searchParams.get(afterNames[kind]);
  const id = text === null ? undefined : parseId(kind, text);
  if (text !== null && id === undefined) throw nothingThere();
  return { after: id === undefined ? undefined : [id], limit: pageOf + 1 };
}

/** @returns the address of the page on which a list goes on; undefined: it ends here. */
function nextOf(page: string, kind: Kind, rows: readonly Listed<unknown>[], search: string) {
  const [last] = rows.length > pageOf ? (rows[pageOf - 1]?.position ?? []) : [];
  if (last === undefined) return undefined;
  const after = { [afterNames[kind]]: printId(kind, last) };
  return `${page}?${new URLSearchParams({ ...(search !== '' && { search }), ...after })}`;
}

async function show(
  parts: ConsoleParts,
  request: ConsoleRequest,
  typed: Typed = {},
): Promise<void> {
  const { here, actor } = request;
  const at = idsOf(request);
  const page = here.base + pathOf(at);
  const search = searchOf(request);
  const wish = { search, members: partOf(request, 'user'), databases: partOf(request, 'database') };
  const { team, members, databases } = await readTeamView(parts.db, actor, at, wish);
  const change = (parameters: Readonly<Record<string, string>>) =>
    `${page}/change?${new URLSearchParams(parameters)}`;
  showConsole(parts, request, 'console/team', {
    title: team.name,
    section,
    typed,
    isRefused: typed.errors !== undefined,
    search,
    path: pathOf(at),
    pagePath: page,
    listHref: `${here.base}/teams`,
    team: { name: team.name, slug: team.slug, seen: seenOf([team.name, team.slug]) },
    members: members.slice(0, pageOf).map(({ item: { accountId, name, email } }) => ({
      name,
      email,
      removeHref: change({ do: 'remove-member', member: printId('user', accountId) }),
    })),
    nextMembers: nextOf(page, 'user', members, search),
    databases: databases.slice(0, pageOf).map(({ item: { id, slug } }) => ({
      slug,
      href: `${here.base}/databases/${printId('database', id)}`,
      removeHref: change({ do: 'remove-database', database: printId('database', id) }),
    })),
    nextDatabases: nextOf(page, 'database', databases, search),
    deleteHref: change({ do: 'delete' }),
    mayChange: here.may('team.deleted'),
  });
}

/** @throws {PageError} 404: it says no change of a team. */
function wishOf(fields: URLSearchParams): ChangeWish {
  const kind = teamChanges.find((one) => one === fields.get('do'));
  if (kind === undefined) throw nothingThere();
  const idIn = (name: string, of: 'user' | 'database') => {
    const text = fields.get(name);
    const id = text === null ? undefined : parseId(of, text);
    if (text !== null && id === undefined) throw nothingThere();
    return id;
  };
  return {
    kind,
    email: normalizeEmail(fields.get('email')?.trim() ?? ''),
    slug: fields.get('slug')?.trim(),
    accountId: idIn('member', 'user'),
    databaseId: idIn('database', 'database'),
  };
}

async function openChange(
  parts: ConsoleParts,
  request: ConsoleRequest,
  isOutdated = false,
  fields = request.ctx.URL.searchParams,
): Promise<void> {
  const { here, actor, ctx } = request;
  const t = parts.messagesOf(ctx);
  const at = idsOf(request);
  // A page of changes without a change is that of the team.
  if (!fields.has('do')) return show(parts, request);
  const wish = wishOf(fields);
  try {
    const preview = await previewChange(parts.db, actor, at, wish);
    const { team, member, database, effects, isDone } = preview;
    const values = { team: team.name, person: member?.name ?? '', name: database?.slug ?? '' };
    showConsole(parts, request, 'console/team-change', {
      title: t.text(titleTexts[wish.kind], values),
      section,
      isOutdated,
      isDone,
      kind: wish.kind,
      isGain: wish.kind.startsWith('add-'),
      team: team.name,
      effects: effects.some.map(({ name, email, database: slug }) => ({ name, email, slug })),
      count: effects.count,
      named: effects.some.length,
      path: pathOf(at),
      backHref: here.base + pathOf(at),
      hidden: {
        do: wish.kind,
        ...(member && { member: printId('user', member.accountId) }),
        ...(database && { database: printId('database', database.id) }),
        [seenField]: seenOf(effectsState(effects)),
      },
      submit: t.text(submitTexts[wish.kind], values),
    });
  } catch (error) {
    const typed = notFoundThere(t, error, wish, fields);
    if (typed === undefined) throw error;
    ctx.status = 422;
    await show(parts, request, typed);
  }
}

/** Whom or what was typed and is not there. */
function notFoundThere(
  t: ReturnType<ConsoleParts['messagesOf']>,
  error: unknown,
  { kind }: ChangeWish,
  fields: URLSearchParams,
): Typed | undefined {
  if (!(error instanceof RefusedError)) return undefined;
  const { refusal } = error;
  const isStranger = refusal.code === 'forbidden' && refusal.reason === 'not_a_member';
  if (kind === 'add-member' && isStranger) {
    const email = fields.get('email') ?? '';
    const errors = { email: emailFault(t, email, 'access.not-a-member') };
    return { form: 'member', values: { email }, errors };
  }
  if (kind === 'add-database' && refusal.code === 'not_found') {
    const values = { slug: fields.get('slug') ?? '' };
    return { form: 'database', values, errors: { slug: t.text('team.no-database') } };
  }
  return undefined;
}

async function sendChange(parts: ConsoleParts, form: ConsoleForm): Promise<void> {
  const at = idsOf(form);
  const wish = wishOf(form.fields);
  const work = asSeen(form, (tx) => effectsNow(tx, at, wish));
  const team = (await findTeam(parts.db, at))?.name ?? '';
  try {
    await make(form, at, wish, work);
    const deed: Deed = { text: doneTexts[wish.kind], values: { team } };
    seeDone(parts, form, wish.kind === 'delete' ? '/teams' : pathOf(at), deed);
  } catch (error) {
    if (!(error instanceof OutdatedError)) throw error;
    form.ctx.status = 409;
    await show(parts, form, { notice: parts.messagesOf(form.ctx).text('team.outdated') });
  }
}

async function make(
  { actor }: ConsoleForm,
  at: TeamIds,
  { kind, accountId, databaseId }: ChangeWish,
  work: Work,
): Promise<void> {
  if (kind === 'delete') return deleteTeam(work, actor, at);
  if (accountId !== undefined && kind.endsWith('-member')) {
    const change = kind === 'add-member' ? addTeamMember : removeTeamMember;
    return change(work, actor, { ...at, accountId });
  }
  if (databaseId !== undefined && kind.endsWith('-database')) {
    const change = kind === 'add-database' ? addTeamDatabase : removeTeamDatabase;
    return change(work, actor, { ...at, databaseId });
  }
  throw nothingThere();
}

async function sendRename(parts: ConsoleParts, form: ConsoleForm): Promise<void> {
  const { actor, fields, ctx } = form;
  const t = parts.messagesOf(ctx);
  const at = idsOf(form);
  const typed = { name: fields.get('name') ?? '', slug: fields.get('slug')?.trim() ?? '' };
  const work = asSeen(form, async (tx) => {
    const now = await findTeam(tx, at);
    return [now?.name, now?.slug];
  });
  try {
    const before = await findTeam(parts.db, at);
    const { name, slug } = await renameTeam(work, actor, at, typed);
    const was = { name: before?.name ?? '', slug: before?.slug ?? '' };
    const undo = {
      path: `${pathOf(at)}/rename`,
      fields: { ...was, [seenField]: seenOf([name, slug]) },
    };
    seeDone(parts, form, pathOf(at), { text: 'team.renamed', values: { name }, undo });
  } catch (error) {
    if (error instanceof OutdatedError) {
      ctx.status = 409;
      const { name = '', slug = '' } = (await findTeam(parts.db, at)) ?? {};
      return show(parts, form, { notice: t.text('team.outdated-name', { name, slug }) });
    }
    const errors = nameFaultsOf(t, error);
    if (errors === undefined) throw error;
    ctx.status = 422;
    await show(parts, form, { form: 'name', values: typed, errors });
  }
}
