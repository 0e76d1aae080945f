/**
 * The time after which what people allowed applications, and nobody uses, ends by itself.
 *
 * @module
 */

import { setMaxIdleDays } from '../../organizations/organization-settings.ts';
import { idleBy } from '../../storage/consents/idle-consents.ts';
import type { Setting } from './setting.ts';

const usualDays = [30, 60, 90, 180, 365];

export const idleSetting: Setting = {
  path: '/unused-time',
  act: 'organization.max_idle_days_changed',
  title: 'settings.unused-time',
  lead: 'settings.unused-time-lead',
  done: 'settings.unused-time-done',
  valueOf: ({ maxIdleDays }) => String(maxIdleDays ?? ''),
  choices(t, { maxIdleDays }) {
    const days = new Set(maxIdleDays === undefined ? usualDays : [...usualDays, maxIdleDays]);
    return [
      { value: '', label: t.text('settings.unused-time-never') },
      ...[...days]
        .toSorted((one, other) => one - other)
        .map((count) => ({ value: String(count), label: t.text('settings.days', { count }) })),
    ];
  },
  async effects(db, t, { id }, value) {
    const found =
      value === '' ? { people: 0, applications: 0 } : await idleBy(db, id, Number(value));
    const { people, applications } = found;
    return {
      who: t.text('settings.unused-time-who', { people }),
      gives: [],
      takes: people === 0 ? [] : [t.text('settings.unused-time-takes', { applications })],
    };
  },
  save: (work, actor, organizationId, value) =>
    setMaxIdleDays(work, actor, organizationId, value === '' ? undefined : Number(value)),
};
