/**
 * The teams of an organization.
 *
 *   GET  /organizations/:slug/teams   the list, and a form to create one
 *   POST /organizations/:slug/teams   creates it
 *
 * @module
 */

import { printId } from '../../lib/ids.ts';
import { searchTeams } from '../../organizations/team-view.ts';
import { createTeam } from '../../organizations/teams.ts';
import type { ConsoleForm, ConsolePage, ConsoleParts, ConsoleRequest } from './console-page.ts';
import { seeDone } from './deeds.ts';
import { showConsole } from './frame.ts';
import { listedPage } from './list-page.ts';
import { searchOf } from './paging.ts';
import { type NameFaults, nameFaultsOf } from './slug-faults.ts';

const section = 'teams';
const path = '/teams';

export const teamsPages: readonly ConsolePage[] = [
  { method: 'GET', path, section, act: 'teams.read', benched: ['?search=1'], open },
  { method: 'POST', path, section, act: 'team.created', send },
];

/** What was typed, and what is wrong with it. */
interface Typed {
  readonly name: string;
  readonly slug: string;
  readonly errors: NameFaults;
}

function open(parts: ConsoleParts, request: ConsoleRequest): Promise<void> {
  return show(parts, request, { name: '', slug: '', errors: {} });
}

async function show(parts: ConsoleParts, request: ConsoleRequest, typed: Typed): Promise<void> {
  const { here, actor, ctx } = request;
  const search = searchOf(request);
  const at = { organizationId: here.organization.id };
  const page = await listedPage(parts, request, 'teams', { search }, (part) =>
    searchTeams(parts.db, actor, at, search, part),
  );
  showConsole(parts, request, 'console/teams', {
    title: parts.messagesOf(ctx).text('console.teams'),
    section,
    search,
    typed,
    isRefused: Object.keys(typed.errors).length > 0,
    teams: page.items.map(({ id, name, slug }) => ({
      name,
      slug,
      href: `${here.base}${path}/${printId('team', id)}`,
    })),
    next: page.next,
    first: page.first,
  });
}

async function send(parts: ConsoleParts, form: ConsoleForm): Promise<void> {
  const { actor, here, fields, ctx, sender } = form;
  const typed = { name: fields.get('name') ?? '', slug: fields.get('slug')?.trim() ?? '' };
  try {
    const { id, name } = await createTeam(sender.work, actor, here.organization.id, typed);
    const deed = { text: 'teams.created', values: { name } };
    seeDone(parts, form, `${path}/${printId('team', id)}`, deed);
  } catch (error) {
    const errors = nameFaultsOf(parts.messagesOf(ctx), error);
    if (errors === undefined) throw error;
    ctx.status = 422;
    await show(parts, form, { ...typed, errors });
  }
}
