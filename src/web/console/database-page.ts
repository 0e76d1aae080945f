/**
 * One database: its branches, its name and its end.
 *
 *   GET  /organizations/:slug/databases/:database
 *   POST /organizations/:slug/databases/:database/rename
 *   POST /organizations/:slug/databases/:database/delete
 *   POST /organizations/:slug/databases/:database/branches
 *   POST /organizations/:slug/databases/:database/branches/:branch/rename
 *   POST /organizations/:slug/databases/:database/branches/:branch/promote
 *   POST /organizations/:slug/databases/:database/branches/:branch/demote
 *   POST /organizations/:slug/databases/:database/branches/:branch/delete
 *
 * @module
 */

import { printId } from '../../lib/ids.ts';
import {
  createBranch,
  deleteBranch,
  demoteBranch,
  promoteBranch,
  renameBranch,
} from '../../organizations/branches.ts';
import { readDatabaseView } from '../../organizations/database-view.ts';
import { deleteDatabase, renameDatabase } from '../../organizations/databases.ts';
import type { Work } from '../../storage/engine/database.ts';
import { type BranchIds, findBranch } from '../../storage/tree/branches.ts';
import { type DatabaseIds, findDatabase } from '../../storage/tree/databases.ts';
import type { ConsoleForm, ConsolePage, ConsoleParts, ConsoleRequest } from './console-page.ts';
import { type Deed, seeDone } from './deeds.ts';
import { idAt, showConsole } from './frame.ts';
import { nextHref, slugPart } from './paging.ts';
import { asSeen, OutdatedError, seenField, seenOf } from './seen-state.ts';
import { nameFaultsOf } from './slug-faults.ts';

const section = 'databases';
const path = '/databases/:database';
const ofBranch = `${path}/branches/:branch` as const;
const pageOf = 20;

type Send = (parts: ConsoleParts, form: ConsoleForm) => Promise<void>;
const formAt = (at: `/${string}`, send: Send): ConsolePage => {
  return { method: 'POST', path: at, section, act: 'databases.read', send };
};

export const databasePages: readonly ConsolePage[] = [
  { method: 'GET', path, section, act: 'databases.read', open: (parts, ask) => show(parts, ask) },
  formAt(`${path}/rename`, sendRename),
  formAt(`${path}/delete`, sendDelete),
  formAt(`${path}/branches`, sendBranch),
  formAt(`${ofBranch}/rename`, sendBranchRename),
  formAt(`${ofBranch}/promote`, (parts, form) => sendKind(parts, form, true)),
  formAt(`${ofBranch}/demote`, (parts, form) => sendKind(parts, form, false)),
  formAt(`${ofBranch}/delete`, sendBranchDelete),
];

const idsOf = (request: ConsoleRequest): DatabaseIds => ({
  organizationId: request.here.organization.id,
  databaseId: idAt(request, 'database', 'database'),
});
const branchIdsOf = (request: ConsoleRequest): BranchIds => ({
  ...idsOf(request),
  branchId: idAt(request, 'branch', 'branch'),
});
const pathOf = ({ databaseId }: DatabaseIds) => `/databases/${printId('database', databaseId)}`;
const pathOfBranch = ({ branchId, ...at }: BranchIds) =>
  `${pathOf(at)}/branches/${printId('branch', branchId)}`;

/** What a form that was not done says. */
interface Refused {
  readonly form: 'rename' | 'branch' | 'other';
  readonly typed?: string;
  readonly error: string;
}

async function show(
  parts: ConsoleParts,
  request: ConsoleRequest,
  refused?: Refused,
): Promise<void> {
  const { here, actor } = request;
  const at = idsOf(request);
  const view = await readDatabaseView(parts.db, actor, at, slugPart(request, pageOf));
  const { database, isManaged, may, branches } = view;
  const own = pathOf(at);
  showConsole(parts, request, 'console/database', {
    title: database.slug,
    section,
    refused,
    isRefused: refused !== undefined,
    database: { slug: database.slug, isManaged, path: own, seen: seenOf(database.slug) },
    mayOn: may,
    accessHref: may('database_members.read') ? `${here.base}${own}/access` : undefined,
    listHref: `${here.base}/databases`,
    branches: branches.items.map((branch) => ({
      slug: branch.slug,
      production: branch.production,
      isManaged: branch.isManaged,
      path: pathOfBranch({ ...at, branchId: branch.id }),
      seen: seenOf([branch.slug, branch.production]),
      may: branch.may,
    })),
    next: nextHref(request, own, branches.next),
  });
}

/** What becomes of a form. */
interface Doing {
  readonly kind: Refused['form'];
  readonly typed?: string;
  /** Where it leads once it is done; left out: to the database. */
  readonly to?: string;
  /** Says what somebody else has made of the thing. */
  readonly now: (parts: ConsoleParts, form: ConsoleForm) => Promise<string>;
}

async function databaseNow({ db, messagesOf }: ConsoleParts, form: ConsoleForm): Promise<string> {
  const { slug: name = '' } = (await findDatabase(db, idsOf(form))) ?? {};
  return messagesOf(form.ctx).text('database.outdated', { name });
}

async function branchNow({ db, messagesOf }: ConsoleParts, form: ConsoleForm): Promise<string> {
  const t = messagesOf(form.ctx);
  const branch = await findBranch(db, branchIdsOf(form));
  if (branch === undefined) return t.text('database.outdated-branch-gone');
  const production = branch.production ? 'yes' : 'no';
  return t.text('database.outdated-branch', { name: branch.slug, production });
}

/** Does what a form asks where the thing is as it was shown; else shows how it is now. */
async function doing(
  parts: ConsoleParts,
  form: ConsoleForm,
  work: () => Promise<Deed>,
  { kind, typed, to, now }: Doing,
): Promise<void> {
  const t = parts.messagesOf(form.ctx);
  try {
    const deed = await work();
    seeDone(parts, form, to ?? pathOf(idsOf(form)), deed);
  } catch (error) {
    const said = typed === undefined ? {} : { typed };
    if (error instanceof OutdatedError) {
      form.ctx.status = 409;
      return show(parts, form, { form: 'other', error: await now(parts, form) });
    }
    const faults = nameFaultsOf(t, error);
    if (faults?.slug === undefined) throw error;
    form.ctx.status = 422;
    await show(parts, form, { form: kind, ...said, error: faults.slug });
  }
}

const slugIn = ({ fields }: ConsoleForm) => fields.get('slug')?.trim() ?? '';

/** Work that is done only while the database, or the branch, is as it was shown. */
function ifDatabaseAsSeen(form: ConsoleForm, at: DatabaseIds): AsSeen {
  const before = { slug: '' };
  const work = asSeen(form, async (tx) => {
    const database = await findDatabase(tx, at);
    before.slug = database?.slug ?? '';
    return database?.slug;
  });
  return { work, before };
}

function ifBranchAsSeen(form: ConsoleForm, at: BranchIds): AsSeen {
  const before = { slug: '' };
  const work = asSeen(form, async (tx) => {
    const branch = await findBranch(tx, at);
    before.slug = branch?.slug ?? '';
    return [branch?.slug, branch?.production];
  });
  return { work, before };
}

interface AsSeen {
  readonly work: Work;
  /** How it was called when the change began, once that has begun: what an undo gives back. */
  readonly before: Readonly<{ slug: string }>;
}

function sendRename(parts: ConsoleParts, form: ConsoleForm): Promise<void> {
  const [at, slug] = [idsOf(form), slugIn(form)];
  const rename = async (): Promise<Deed> => {
    const { work, before } = ifDatabaseAsSeen(form, at);
    await renameDatabase(work, form.actor, at, slug);
    const undo = {
      path: `${pathOf(at)}/rename`,
      fields: { slug: before.slug, [seenField]: seenOf(slug) },
    };
    return { text: 'database.renamed', values: { name: slug }, undo };
  };
  return doing(parts, form, rename, { kind: 'rename', typed: slug, now: databaseNow });
}

function sendDelete(parts: ConsoleParts, form: ConsoleForm): Promise<void> {
  const at = idsOf(form);
  const end = async (): Promise<Deed> => {
    const { work, before } = ifDatabaseAsSeen(form, at);
    await deleteDatabase(work, form.actor, at);
    return { text: 'database.deleted', values: { name: before.slug } };
  };
  return doing(parts, form, end, { kind: 'other', to: '/databases', now: databaseNow });
}

function sendBranch(parts: ConsoleParts, form: ConsoleForm): Promise<void> {
  const [at, slug] = [idsOf(form), slugIn(form)];
  const create = async (): Promise<Deed> => {
    await createBranch(form.sender.work, form.actor, at, slug);
    return { text: 'database.branch-created', values: { name: slug } };
  };
  return doing(parts, form, create, { kind: 'branch', typed: slug, now: databaseNow });
}

function sendBranchRename(parts: ConsoleParts, form: ConsoleForm): Promise<void> {
  const [at, slug] = [branchIdsOf(form), slugIn(form)];
  const rename = async (): Promise<Deed> => {
    const { work, before } = ifBranchAsSeen(form, at);
    const { production } = await renameBranch(work, form.actor, at, slug);
    const fields = { slug: before.slug, [seenField]: seenOf([slug, production]) };
    const undo = { path: `${pathOfBranch(at)}/rename`, fields };
    return { text: 'database.branch-renamed', values: { name: slug }, undo };
  };
  return doing(parts, form, rename, { kind: 'other', typed: slug, now: branchNow });
}

function sendKind(parts: ConsoleParts, form: ConsoleForm, production: boolean): Promise<void> {
  const at = branchIdsOf(form);
  const turn = async (): Promise<Deed> => {
    const change = production ? promoteBranch : demoteBranch;
    const { slug } = await change(ifBranchAsSeen(form, at).work, form.actor, at);
    const undo = {
      path: `${pathOfBranch(at)}/${production ? 'demote' : 'promote'}`,
      fields: { [seenField]: seenOf([slug, production]) },
    };
    const text = production ? 'database.promoted' : 'database.demoted';
    return { text, values: { name: slug }, undo };
  };
  return doing(parts, form, turn, { kind: 'other', now: branchNow });
}

function sendBranchDelete(parts: ConsoleParts, form: ConsoleForm): Promise<void> {
  const at = branchIdsOf(form);
  const end = async (): Promise<Deed> => {
    const { work, before } = ifBranchAsSeen(form, at);
    await deleteBranch(work, form.actor, at);
    return { text: 'database.branch-deleted', values: { name: before.slug } };
  };
  return doing(parts, form, end, { kind: 'other', now: branchNow });
}
