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
import { type Change, type Stage, type Standing, standingOf } from './role-changes.ts';

/** A button; `isNow` says that things stand so already. */
interface ShownChange {
  readonly change: Change;
  readonly label: string;
  readonly isNow: boolean;
}

/** A stage with how the account stands there. */
export interface ShownStage extends Stage {
  readonly standing: string;
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
    const standing = await standingOf(db, account.id, stage);
    if (standing) shown.push(describe(t, stage, standing));
  }
  return shown;
}

function describe(t: Messages, stage: Stage, standing: Standing): ShownStage {
  const { databaseRole, role } = standing;
  const { organization, database, branch } = stage;
  const onDatabase = (change: Change, label: string, held: string | undefined) => ({
    change,
    label,
    isNow: databaseRole === held,
  });
  const giving = databaseRoles.toReversed().map((name) => {
    const where = name === databaseAdministratorRole ? 'of' : 'on';
    return onDatabase(name, `${roleName(name)} ${where} ${database}`, name);
  });
  const roles = [
    ...giving,
    onDatabase('no_role', `no role of their own on ${database}`, undefined),
  ];
  const membership = {
    change: 'leave',
    label: `Remove from ${organization}`,
    isNow: false,
  } as const;
  return {
    ...stage,
    standing: standingText(standing, roles.find(({ isNow }) => isNow)?.label ?? ''),
    changes: [
      ...(role === undefined ? [joining(organization)] : []),
      ...(role === undefined || isAdministratorRole(role) ? [] : [...roles, membership]),
      branchChange(t, branch, standing.isBranchProduction),
    ],
  };
}

function standingText({ role }: Standing, onDatabase: string): string {
  if (role === undefined) return 'Not a member now.';
  if (isAdministratorRole(role))
    return `${roleName(role)}: everything is allowed already, so sign in as a member to see roles change.`;
  return `Member, ${onDatabase}.`;
}

function joining(organization: string): ShownChange {
  return { change: 'join', label: `Bring back to ${organization}`, isNow: false };
}

function branchChange(t: Messages, name: string, isProduction: boolean): ShownChange {
  return isProduction
    ? { change: 'demote', label: t.text('playground.demote', { name }), isNow: false }
    : { change: 'promote', label: t.text('playground.promote', { name }), isNow: false };
}
