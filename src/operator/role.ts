/**
 * `role ...`: the roles of the catalogue, and who holds them.
 *
 * @module
 */

import { asOperator } from '../applications/as-operator.ts';
import { unknownName } from '../catalogue-files/faults.ts';
import {
  callableRoles,
  isAdministratorRole,
  isBaseRole,
  isDatabaseRole,
  isOrganizationRole,
  namesOfRole,
} from '../members/roles.ts';
import { type MovedIn, moveRole, type RoleKind } from '../storage/people/held-roles.ts';
import { actorOf } from './acting.ts';
import {
  CommandError,
  type Context,
  exitCodes,
  type Given,
  type Result,
  type Subject,
} from './command.ts';

export const role: Subject = {
  summary: 'The roles of the catalogue.',
  commands: {
    move: {
      summary: 'give everybody who has a role another one, such as before the catalogue loses it',
      words: ['FROM', 'TO'],
      byOperator: true,
      example: 'role move billing_manager member',
      run: move,
    },
  },
};

async function move(context: Context, given: Given): Promise<Result> {
  const [from = '', to = ''] = given.words;
  const kinds = kindsOf(to);
  if (kinds.length === 0) {
    const known = Object.values(callableRoles).flat();
    throw new CommandError(unknownName('role', to, known), exitCodes.notFound);
  }
  if (namesOfRole(from).includes(to)) throw new CommandError(`${from} and ${to} are one role`);
  if (isAdministratorRole(from)) {
    throw new CommandError(
      `${from} is the administrators' role, which every organization needs; change it person by person`,
      exitCodes.refused,
    );
  }
  const actor = await actorOf(context, given);
  const act = { action: 'role.moved', subject: from };
  return asOperator<Result>(context.database, actor, act, async (tx, record) => {
    let people = 0;
    for (const kind of kinds) {
      for (const moved of await moveRole(tx, kind, namesOfRole(from), to)) {
        people += moved.people;
        await record(eventOf(kind, from, to, moved));
      }
    }
    return { outcome: people === 0 ? 'unchanged' : 'changed', from, to, people };
  });
}

function eventOf(kind: RoleKind, from: string, to: string, { id, people }: MovedIn) {
  return {
    organizationId: id,
    before: { kind, role: from },
    after: { kind, role: to, people },
  };
}

/** The ways in which a role is given. */
function kindsOf(name: string): RoleKind[] {
  return [
    ...(isOrganizationRole(name) ? (['organization'] as const) : []),
    ...(isDatabaseRole(name) ? (['database'] as const) : []),
    ...(isBaseRole(name) ? (['base'] as const) : []),
  ];
}
