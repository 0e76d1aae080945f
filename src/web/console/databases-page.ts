/**
 * The databases of an organization.
 *
 *   GET  /organizations/:slug/databases   the list, and a form to create one
 *   POST /organizations/:slug/databases   creates it
 *
 * @module
 */

import { printId } from '../../lib/ids.ts';
import { listVisible } from '../../organizations/database-view.ts';
import { createDatabase } from '../../organizations/databases.ts';
import type { ConsoleForm, ConsolePage, ConsoleParts, ConsoleRequest } from './console-page.ts';
import { seeDone } from './deeds.ts';
import { showConsole } from './frame.ts';
import { nextHref, searchOf, slugPart } from './paging.ts';
import { nameFaultsOf } from './slug-faults.ts';

const section = 'databases';
const path = '/databases';
const pageOf = 30;

export const databasesPages: readonly ConsolePage[] = [
  { method: 'GET', path, section, act: 'databases.read', benched: ['?search=1'], open },
  { method: 'POST', path, section, act: 'database.created', send },
];

function open(parts: ConsoleParts, request: ConsoleRequest): Promise<void> {
  return show(parts, request, { slug: '' });
}

/** What was typed, and what is wrong with it. */
interface Typed {
  readonly slug: string;
  readonly error?: string | undefined;
}

async function show(parts: ConsoleParts, request: ConsoleRequest, typed: Typed): Promise<void> {
  const { here, actor, ctx } = request;
  const search = searchOf(request);
  const at = { organizationId: here.organization.id };
  const part = slugPart(request, pageOf);
  const { items, next } = await listVisible(parts.db, actor, at, search, part);
  showConsole(parts, request, 'console/databases', {
    title: parts.messagesOf(ctx).text('console.databases'),
    section,
    search,
    typed,
    isRefused: typed.error !== undefined,
    databases: items.map(({ id, slug, isManaged }) => ({
      slug,
      isManaged,
      href: `${here.base}${path}/${printId('database', id)}`,
    })),
    isFirst: part.after === undefined,
    next: nextHref(request, path, next, search),
  });
}

async function send(parts: ConsoleParts, form: ConsoleForm): Promise<void> {
  const { actor, here, fields, ctx, sender } = form;
  const slug = fields.get('slug')?.trim() ?? '';
  try {
    const { id } = await createDatabase(sender.work, actor, here.organization.id, slug);
    const deed = { text: 'databases.created', values: { name: slug } };
    seeDone(parts, form, `${path}/${printId('database', id)}`, deed);
  } catch (error) {
    const faults = nameFaultsOf(parts.messagesOf(ctx), error);
    if (faults === undefined) throw error;
    ctx.status = 422;
    await show(parts, form, { slug, error: faults.slug });
  }
}
