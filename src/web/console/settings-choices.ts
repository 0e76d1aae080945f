/**
 * The settings that are chosen on a page of their own.
 *
 *   GET  /organizations/:slug/settings/base-role?value=reader   what the choice would give and take
 *   POST /organizations/:slug/settings/base-role                saves it
 *
 * and the same for `consent-time`, `unused-time` and `application-policy`.
 *
 * @module
 */

import { readInside } from '../../organizations/inside.ts';
import { inOrganization } from '../../organizations/rights.ts';
import { findOrganization } from '../../storage/tree/organizations.ts';
import { PageError } from '../page/page-error.ts';
import { baseRoleSetting } from './base-role-setting.ts';
import { consentAgeSetting } from './consent-age-setting.ts';
import type { ConsoleForm, ConsolePage, ConsoleParts, ConsoleRequest } from './console-page.ts';
import { seeDone } from './deeds.ts';
import { showConsole } from './frame.ts';
import { idleSetting } from './idle-setting.ts';
import { policySetting } from './policy-setting.ts';
import { asSeen, OutdatedError, seenField, seenOf } from './seen-state.ts';
import type { Setting } from './setting.ts';

/** In the order in which they are shown. */
export const chosenSettings: readonly Setting[] = [
  baseRoleSetting,
  policySetting,
  consentAgeSetting,
  idleSetting,
];

export const choicePages: readonly ConsolePage[] = chosenSettings.flatMap((setting) => {
  const address = {
    path: `/settings${setting.path}`,
    section: 'settings',
    act: setting.act,
  } as const;
  return [
    {
      ...address,
      method: 'GET',
      open: (parts: ConsoleParts, request: ConsoleRequest) => open(parts, request, setting),
    },
    {
      ...address,
      method: 'POST',
      shownBy: ['value'],
      send: (parts: ConsoleParts, form: ConsoleForm) => send(parts, form, setting),
    },
  ];
});

async function open(parts: ConsoleParts, request: ConsoleRequest, setting: Setting): Promise<void> {
  const { ctx, here, actor } = request;
  const t = parts.messagesOf(ctx);
  const { organization } = here;
  const choices = setting.choices(t, organization);
  const wanted = ctx.URL.searchParams.get('value');
  const chosen = choices.find(({ value }) => value === wanted);
  const now = setting.valueOf(organization);
  const isOther = chosen !== undefined && chosen.value !== now;
  const entrance = inOrganization(actor, setting.act, { organizationId: organization.id });
  const effects = isOther
    ? await readInside(parts.db, entrance, (tx, inside) =>
        setting.effects(tx, t, inside.organization, chosen.value),
      )
    : undefined;
  showConsole(parts, request, 'console/setting', {
    title: t.text(setting.title),
    section: 'settings',
    lead: t.text(setting.lead),
    path: `/settings${setting.path}`,
    choices: choices.map((one) => ({ ...one, isChecked: one.value === (chosen?.value ?? now) })),
    now: choices.find(({ value }) => value === now)?.label,
    chosen,
    effects,
    seen: seenOf(now),
  });
}

async function send(parts: ConsoleParts, form: ConsoleForm, setting: Setting): Promise<void> {
  const { actor, fields, here, ctx } = form;
  const { id } = here.organization;
  const t = parts.messagesOf(ctx);
  const value = fields.get('value');
  const chosen = setting.choices(t, here.organization).find((one) => one.value === value);
  if (chosen === undefined) {
    throw new PageError(422, { what: 'settings.no-choice', next: 'settings.no-choice-next' });
  }
  const path = `/settings${setting.path}`;
  let old = '';
  const work = asSeen(form, async (tx) => {
    const now = await findOrganization(tx, id);
    old = now === undefined ? '' : setting.valueOf(now);
    return old;
  });
  try {
    await setting.save(work, actor, id, chosen.value);
    const undo = { path, fields: { value: old, [seenField]: seenOf(chosen.value) } };
    const isSettable = setting.choices(t, here.organization).some((one) => one.value === old);
    const values = { value: chosen.label };
    seeDone(parts, form, '/settings', {
      text: setting.done,
      values,
      undo: isSettable ? undo : undefined,
    });
  } catch (error) {
    if (!(error instanceof OutdatedError)) throw error;
    const query = new URLSearchParams({ value: chosen.value });
    seeDone(parts, form, `${path}?${query}`, { kind: 'warning', text: 'settings.outdated-choice' });
  }
}
