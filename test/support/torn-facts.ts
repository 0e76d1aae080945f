/**
 * Two facts that change together: the role that would allow something, and the consent to it. Each
 * of both states denies; only a mixture of them would allow.
 *
 * Source: the domain's rule that what a token may do is one decision about one moment.
 */

import { type Database, type Db, statement } from '../../src/storage/engine/database.ts';
import { consentTo, demoApi, demoApp, introspectAs, type Node, obtainTokens } from './oauth.ts';

const email = 'developer@vault.test';
const onAudit = 'organizations/vault/databases/ledger/branches/audit';
const harmless = 'database:read_branches';
const guarded = 'database:delete_branches';

/** The facts, and the questions about them. */
export interface PairOfFacts {
  /** Goes to the other state, in one transaction. */
  flip(): Promise<void>;
  /** The same in two; `between` runs when the first is committed. */
  tear(between: () => Promise<void>): Promise<void>;
  /** Asks both kinds of question. @returns what was answered, `scope` by `scope`. */
  ask(node: Node): Promise<string[]>;
}

/** What may be seen: the harmless scope, or nothing. */
export const untorn = ['', harmless];

/** What a mixture shows. */
export const torn = guarded;

/** Begins as somebody who may, and consented to the harmless scope alone. */
export async function pairOfFacts(node: Node): Promise<PairOfFacts> {
  const { db } = node.database;
  const asked = `${harmless} ${guarded}`;
  await consentTo(node, demoApp, email, asked, ['vault/ledger']);
  const { access_token: token } = await obtainTokens(node, demoApp, email, asked);
  let isAdmin = true;
  const steps = () => [
    setRole(isAdmin ? 'database_admin' : 'database_reader'),
    setScope(isAdmin ? harmless : guarded),
  ];
  await inOne(db, steps());
  return {
    async flip() {
      isAdmin = !isAdmin;
      await inOne(db, steps());
    },
    async tear(between) {
      isAdmin = !isAdmin;
      const [role, consent] = steps();
      await role?.(db);
      await between();
      await consent?.(db);
    },
    async ask(answering) {
      const questions = [onAudit, undefined].map((resource) =>
        introspectAs(answering, demoApi, token, resource),
      );
      return (await Promise.all(questions)).map(({ active, scope = '' }) =>
        active ? scope : 'inactive',
      );
    },
  };
}

type Step = (db: Db) => Promise<unknown>;

async function inOne(db: Database, steps: readonly Step[]): Promise<void> {
  await db.run(async (tx) => {
    for (const step of steps) await step(tx);
  });
}

const update = (sql: string) =>
  statement(`${sql} where account_id = (select id from accounts where email = $2)`);
const updateRole = update('update database_roles set role = $1');
const updateScope = update('update consent_entries set scope = $1');

function setRole(role: string): Step {
  return (db) => db.query(updateRole, [role, email]);
}

function setScope(scope: string): Step {
  return (db) => db.query(updateScope, [scope, email]);
}
