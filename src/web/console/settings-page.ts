/**
 * The settings of an organization.
 *
 *   GET  /organizations/:slug/settings
 *   POST /organizations/:slug/settings/name   name and slug
 *
 * What is chosen with a preview: settings-choices.ts.
 *
 * @module
 */

import { renameOrganization } from '../../organizations/organization-settings.ts';
import { RefusedError } from '../../organizations/refusals.ts';
import { findOrganization } from '../../storage/tree/organizations.ts';
import type { ConsoleForm, ConsolePage, ConsoleParts, ConsoleRequest } from './console-page.ts';
import { seeDone } from './deeds.ts';
import { enterAgain, showConsole } from './frame.ts';
import { asSeen, OutdatedError, seenField, seenOf } from './seen-state.ts';
import type { Setting } from './setting.ts';
import { chosenSettings } from './settings-choices.ts';

const section = 'settings';

export const settingsPages: readonly ConsolePage[] = [
  { method: 'GET', path: '/settings', section, act: 'organization.renamed', open },
  { method: 'POST', path: '/settings/name', section, act: 'organization.renamed', send: sendName },
];

/** What was typed, and what is wrong with it; nothing of it: as it is now. */
interface Typed {
  readonly name?: string;
  readonly slug?: string;
  readonly errors?: Partial<Record<'name' | 'slug', string>>;
  /** Somebody has changed it since the form was shown. */
  readonly isOutdated?: boolean;
}

async function open(parts: ConsoleParts, request: ConsoleRequest): Promise<void> {
  show(parts, request, {});
}

function show(parts: ConsoleParts, request: ConsoleRequest, typed: Typed): void {
  const { name, slug } = request.here.organization;
  const { errors = {}, isOutdated = false } = typed;
  showConsole(parts, request, 'console/settings', {
    title: parts.messagesOf(request.ctx).text('console.settings'),
    section,
    isRefused: Object.keys(errors).length > 0,
    now: { name, slug },
    typed: { name, slug, ...typed },
    errors,
    isOutdated,
    seen: seenOf([name, slug]),
    rules: chosenSettings.map((setting) => ruleView(parts, request, setting)),
  });
}

/** A setting that has a page of its own, with its present value. */
function ruleView({ messagesOf }: ConsoleParts, { ctx, here }: ConsoleRequest, setting: Setting) {
  const t = messagesOf(ctx);
  const now = setting.valueOf(here.organization);
  const choice = setting.choices(t, here.organization).find(({ value }) => value === now);
  return {
    name: t.text(setting.title),
    value: choice?.label ?? t.text('settings.other'),
    href: `${here.base}/settings${setting.path}`,
  };
}

async function sendName(parts: ConsoleParts, form: ConsoleForm): Promise<void> {
  const { actor, here, fields, ctx } = form;
  const { id } = here.organization;
  const typed = { name: fields.get('name') ?? '', slug: fields.get('slug')?.trim() ?? '' };
  const work = asSeen(form, async (tx) => {
    const now = await findOrganization(tx, id);
    return [now?.name, now?.slug];
  });
  try {
    const { name, slug } = await renameOrganization(work, actor, id, typed);
    const { name: oldName, slug: oldSlug } = here.organization;
    const text = slug === oldSlug ? 'settings.renamed' : 'settings.moved';
    const before = { name: oldName, slug: oldSlug, [seenField]: seenOf([name, slug]) };
    const undo = { path: '/settings/name', fields: before };
    seeDone(parts, form, '/settings', { text, values: { name, slug }, undo }, slug);
  } catch (error) {
    if (error instanceof OutdatedError) {
      ctx.status = 409;
      return show(parts, await enterAgain(parts, form), { ...typed, isOutdated: true });
    }
    const errors = error instanceof RefusedError ? faultsOf(parts, form, error) : undefined;
    if (errors === undefined) throw error;
    ctx.status = 422;
    show(parts, form, { ...typed, errors });
  }
}

function faultsOf(
  { messagesOf }: ConsoleParts,
  { ctx }: ConsoleForm,
  { refusal }: RefusedError,
): Typed['errors'] | undefined {
  const t = messagesOf(ctx);
  if (refusal.code === 'conflict' && refusal.reason === 'slug_taken')
    return { slug: t.text('first-steps.slug-taken') };
  if (refusal.code !== 'invalid') return undefined;
  const wrong = new Set(refusal.fields.map(({ field }) => field));
  return {
    ...(wrong.has('name') && { name: t.text('first-steps.organization-name-fault') }),
    ...(wrong.has('slug') && { slug: t.text('first-steps.slug-fault') }),
  };
}
