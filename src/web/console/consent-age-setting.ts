/**
 * The longest time for which what people allowed applications holds.
 *
 * @module
 */

import type { Messages } from '../../lib/messages.ts';
import { setMaxEntryDays } from '../../organizations/organization-settings.ts';
import { allowedBetween, type RestingDifference } from '../../storage/tree/setting-effects.ts';
import type { Setting } from './setting.ts';

const usualDays = [30, 90, 180, 365];

const daysOf = (value: string) => (value === '' ? undefined : Number(value));

export const consentAgeSetting: Setting = {
  path: '/consent-time',
  act: 'organization.max_entry_days_changed',
  title: 'settings.consent-time',
  lead: 'settings.consent-time-lead',
  done: 'settings.consent-time-done',
  valueOf: ({ maxEntryDays }) => String(maxEntryDays ?? ''),
  choices(t, { maxEntryDays }) {
    const days = new Set(maxEntryDays === undefined ? usualDays : [...usualDays, maxEntryDays]);
    return [
      { value: '', label: t.text('settings.consent-time-none') },
      ...[...days]
        .toSorted((one, other) => one - other)
        .map((count) => ({ value: String(count), label: t.text('settings.days', { count }) })),
    ];
  },
  async effects(db, t, { id, maxEntryDays: before }, value) {
    const after = daysOf(value);
    const isStricter = after !== undefined && (before === undefined || after < before);
    const [shorter, longer] = isStricter ? [after, before] : [before, after];
    const none: RestingDifference = { entries: 0, people: 0, applications: 0 };
    const found =
      shorter === undefined || shorter === longer
        ? none
        : await allowedBetween(db, id, shorter, longer);
    const said = found.entries === 0 ? [] : [saidOf(t, found, isStricter)];
    return {
      who: t.text('settings.consent-time-who', { people: found.people }),
      gives: isStricter ? [] : said,
      takes: isStricter ? said : [],
    };
  },
  save: (work, actor, organizationId, value) =>
    setMaxEntryDays(work, actor, organizationId, daysOf(value)),
};

function saidOf(t: Messages, { entries, applications }: RestingDifference, isStricter: boolean) {
  const values = { entries, applications };
  return isStricter
    ? t.text('settings.consent-time-rests', values)
    : t.text('settings.consent-time-wakes', values);
}
