/**
 * The base role: what every member has on every database.
 *
 * @module
 */

import { isSubset } from '../../catalogue/name-set.ts';
import { permissionSet } from '../../catalogue/permission-set.ts';
import { permissions } from '../../catalogue/permissions.ts';
import { permissionWords } from '../../catalogue/words.ts';
import { databasePermissions, noDatabaseRoles } from '../../members/permissions.ts';
import { type BaseRole, baseRoleName, baseRoles } from '../../members/roles.ts';
import { setBaseRole } from '../../organizations/organization-settings.ts';
import { membersByRole } from '../../storage/tree/setting-effects.ts';
import type { Setting } from './setting.ts';

export const baseRoleSetting: Setting = {
  path: '/base-role',
  act: 'organization.base_role_changed',
  title: 'settings.base-role',
  lead: 'settings.base-role-lead',
  done: 'settings.base-role-done',
  valueOf: ({ baseRole }) => baseRole,
  choices: ({ locale }) =>
    baseRoles.map((value) => ({ value, label: baseRoleName(value, locale) })),
  async effects(db, t, { id, baseRole }, value) {
    const counts = await membersByRole(db, id);
    const [given, taken] = [new Set<string>(), new Set<string>()];
    let people = 0;
    for (const [organizationRole, count] of counts) {
      const held = (base: BaseRole) =>
        databasePermissions({ organizationRole, baseRole: base }, noDatabaseRoles);
      const [before, after] = [held(baseRole), held(value)];
      let isConcerned = false;
      for (const permission of permissions) {
        const one = permissionSet([permission.id]);
        const [had, has] = [isSubset(one, before), isSubset(one, after)];
        if (had === has) continue;
        isConcerned = true;
        (has ? given : taken).add(permissionWords(permission, t.locale));
      }
      if (isConcerned) people += count;
    }
    return {
      who: t.text('settings.base-role-who', { people }),
      gives: [...given],
      takes: [...taken],
    };
  },
  save: setBaseRole,
};
