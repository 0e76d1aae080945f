/**
 * Which part of the demo data the buttons change for an account, and which buttons make sense.
 *
 * @module
 */

import type { Messages } from '../lib/messages.ts';
import {
  databaseAdministratorRole,
  databaseRoles,
  isAdministratorRole,
  roleName,
} from '../members/roles.ts';
import type { Db } from '../storage/engine/database.ts';
import { demo } from './demo-data.ts';
import { type Change, type Stage, type StageState, stateOf } from './role-changes.ts';

/** A button; `isNow` says that it is so already. */
interface ShownChange {
  readonly change: Change;
  readonly label: string;
  readonly isNow: boolean;
}

/** A stage with the state of the account there. */
export interface ShownStage extends Stage {
  readonly state: string;
  readonly changes: readonly ShownChange[];
}

/** @returns the stages in the organizations to which the demo data gave this account. */
export function stagesOf(email: string): Stage[] {
  return demo.stages.filter(({ organization }) => {
    const home = demo.organizations.find(({ slug }) => slug === organization);
    return home !== undefined && Object.hasOwn(home.members, email);
  });
}

/** Describes the stages of an account with their buttons. */
export async function describeStages(
  db: Db,
  t: Messages,
  account: { readonly id: string; readonly email: string },
): Promise<ShownStage[]> {
  const shown: ShownStage[] = [];
  for (const stage of stagesOf(account.email)) {
    const state = await stateOf(db, account.id, stage);
    if (state) shown.push(describe(t, stage, state));
  }
  return shown;
}

function describe(t: Messages, stage: Stage, state: StageState): ShownStage {
  const { databaseRole, role } = state;
  const { organization, database, branch } = stage;
  const onDatabase = (change: Change, label: string, held: string | undefined) => ({
    change,
    label,
    isNow: databaseRole === held,
  });
  const giving = databaseRoles.toReversed().map((name) => {
    const values = { role: roleName(name, t.locale), name: database };
    const isAdministrator = name === databaseAdministratorRole;
    const label = t.text(isAdministrator ? 'playground.role-of' : 'playground.role-on', values);
    return onDatabase(name, label, name);
  });
  const roles = [
    ...giving,
    onDatabase('no_role', t.text('playground.no-role', { name: database }), undefined),
  ];
  const leaving = button('leave', t.text('playground.remove', { name: organization }));
  const joining = button('join', t.text('playground.join', { name: organization }));
  return {
    ...stage,
    state: stateText(t, state, roles.find(({ isNow }) => isNow)?.label ?? ''),
    changes: [
      ...(role === undefined ? [joining] : []),
      ...(role === undefined || isAdministratorRole(role) ? [] : [...roles, leaving]),
      branchChange(t, branch, state.isBranchProduction),
    ],
  };
}

function stateText(t: Messages, { role: held }: StageState, role: string): string {
  if (held === undefined) return t.text('playground.not-member');
  if (!isAdministratorRole(held)) return t.text('playground.member', { role });
  return t.text('playground.administrator', { role: roleName(held, t.locale) });
}

function button(change: Change, label: string): ShownChange {
  return { change, label, isNow: false };
}

function branchChange(t: Messages, name: string, isProduction: boolean): ShownChange {
  return isProduction
    ? button('demote', t.text('playground.demote', { name }))
    : button('promote', t.text('playground.promote', { name }));
}
