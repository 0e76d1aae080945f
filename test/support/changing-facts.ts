/**
 * The facts that decide what a token may do, each with its way to change. What has a route is
 * changed by HTTP at the first process; the rest is committed in the database that all share.
 *
 * An even number of turns leaves everything as it was.
 */

import { addSecret, deleteSecret } from '../../src/applications/secrets.ts';
import { reinstateApplication, suspendApplication } from '../../src/applications/suspend.ts';
import { type Database, type Db, statement } from '../../src/storage/engine/database.ts';
import {
  consentTo,
  demoApi,
  demoApp,
  idOf,
  type Node,
  obtainTokens,
  post,
  readAnswer,
  type TestClient,
} from './oauth.ts';
import type { Fact, Standing, Turn } from './staleness.ts';
import { createUserAgent, type Fields, fill, type UserAgent } from './user-agent.ts';
import { type Account, worldIn } from './world.ts';

const scope = 'database:delete_branches';
const ledger = 'vault/ledger';
const audit = 'organizations/vault/databases/ledger/branches/audit';

/** All facts, of people who may delete the development branch `audit` while nothing forbids it. */
export async function changingFacts(node: Node): Promise<Fact[]> {
  const { db } = node.database;
  await letIn(db);
  const guest = await personAt(node, 'guest@vault.test');
  const reader = await personAt(node, 'reader@vault.test');
  const consultant = await personAt(node, 'consultant@vault.test');
  const admin = await personAt(node, 'admin@vault.test');
  return [
    roleTaken(guest),
    teamLeft(db, reader),
    branchPromoted(consultant),
    memberSuspended(db, consultant),
    accountSuspended(db, consultant),
    policyClosed(db, consultant),
    clientSuspended(node, consultant),
    secretRemoved(node, consultant),
    tokenRevoked(node, consultant),
    consentWithdrawn(node, admin),
    registrationDeleted(node, admin),
  ];
}

/** Gives the guest a role and the reader a team, which they need in order to consent. */
async function letIn(db: Database): Promise<void> {
  const world = worldIn(db);
  const vault = { id: await idOf(db, 'vault'), slug: 'vault' };
  const ledgerDatabase = { id: await idOf(db, ledger), slug: 'ledger', organization_id: vault.id };
  const [guest, reader] = await db.query<Account>(
    statement(`select id, email from accounts
                where email in ('guest@vault.test', 'reader@vault.test') order by email`),
  );
  if (guest === undefined || reader === undefined) throw new Error('the demo data is not there');
  await world.role(ledgerDatabase, guest, 'database_admin');
  await world.team(vault, [reader], [ledgerDatabase]);
}

/** Somebody with a browser that is signed in, and a token that Demo App has of them. */
interface Person {
  readonly email: string;
  readonly agent: UserAgent;
  readonly token: string;
}

async function personAt(node: Node, email: string): Promise<Person> {
  const agent = createUserAgent(node.issuer);
  return { email, agent, token: await newToken(node, { email, agent }) };
}

/** Consents to what is watched, where that is not done yet. */
async function newToken(
  node: Node,
  { email, agent }: Pick<Person, 'email' | 'agent'>,
  client: TestClient = demoApp,
): Promise<string> {
  await consentTo(node, client, email, scope, [ledger]);
  return (await obtainTokens(node, client, email, scope, agent)).access_token;
}

/** Both kinds of question. */
const resources = [audit, undefined];

/** By HTTP: the demo's buttons. */
function roleTaken({ agent, token }: Person): Fact {
  return toggle('a role is taken and given', { token, resources }, [
    ['allowed', () => pressDemoButton(agent, 'no_role')],
    ['powerless', () => pressDemoButton(agent, 'database_admin')],
  ]);
}

/** By HTTP; without a resource a token tells of all places, and one of them is no news. */
function branchPromoted({ agent, token }: Person): Fact {
  return toggle('a branch is promoted and demoted', { token, resources: [audit] }, [
    ['allowed', () => pressDemoButton(agent, 'promote')],
    ['powerless', () => pressDemoButton(agent, 'demote')],
  ]);
}

function teamLeft(db: Db, { email, token }: Person): Fact {
  const remove = `delete from team_members
    where account_id = (select id from accounts where email = $1)`;
  const add = `
    insert into team_members (team_id, organization_id, account_id)
    select t.id, t.organization_id, a.id from accounts a
      join organizations o on o.slug = 'vault' join teams t on t.organization_id = o.id
     where a.email = $1`;
  return toggle('somebody leaves and joins a team', { token, resources }, [
    ['allowed', commit(db, remove, email)],
    ['powerless', commit(db, add, email)],
  ]);
}

function memberSuspended(db: Db, { email, token }: Person): Fact {
  const set = (value: string) => `
    update organization_members set suspended_at = ${value}
     where account_id = (select id from accounts where email = $1)`;
  return toggle('a member is suspended and back', { token, resources }, [
    ['allowed', commit(db, set('now()'), email)],
    ['powerless', commit(db, set('null'), email)],
  ]);
}

function accountSuspended(db: Db, { email, token }: Person): Fact {
  const set = (status: string) => `update accounts set status = '${status}' where email = $1`;
  return toggle('an account is suspended and back', { token, resources }, [
    ['allowed', commit(db, set('suspended'), email)],
    ['inactive', commit(db, set('active'), email)],
  ]);
}

function policyClosed(db: Db, { token }: Person): Fact {
  const set = 'update organizations set application_policy = $1 where slug = $2';
  return toggle('an organization closes and opens itself', { token, resources }, [
    ['allowed', commit(db, set, 'approval_required', 'vault')],
    ['powerless', commit(db, set, 'open', 'vault')],
  ]);
}

function clientSuspended({ database: { db } }: Node, { token }: Person): Fact {
  return toggle('an operator suspends and reinstates an application', { token, resources }, [
    ['allowed', async () => suspendApplication(db, await operatorIn(db), demoApp.id)],
    ['inactive', async () => reinstateApplication(db, await operatorIn(db), demoApp.id)],
  ]);
}

/** Each turn removes the secret that the turn is asked with. */
function secretRemoved({ database: { db } }: Node, { token }: Person): Fact {
  return fact("a resource server's secret is removed", async () => {
    const operator = await operatorIn(db);
    const added = await addSecret(db, operator, demoApi.id);
    if (added.outcome !== 'added') throw new Error(added.outcome);
    const asker = { ...demoApi, secret: added.secret };
    const removal = { clientId: demoApi.id, secretId: added.id };
    return {
      ...{ asker, token, resources, before: 'allowed', after: 'invalid_client' },
      make: () => deleteSecret(db, operator, removal),
    };
  });
}

/** By HTTP (RFC 7009). */
function tokenRevoked(node: Node, person: Person): Fact {
  return fact('a token is revoked', async () => {
    const token = await newToken(node, person);
    return ends(token, async () => {
      const { status } = await post(node, '/oauth/revoke', demoApp, { token });
      if (status !== 200) throw new Error(`revocation answered ${status}`);
    });
  });
}

/** By HTTP: the button of the person's own page. */
function consentWithdrawn(node: Node, person: Person): Fact {
  const { agent } = person;
  return fact('a consent is withdrawn', async () =>
    ends(await newToken(node, person), async () => {
      const page = await agent.get('/account/applications');
      const done = await agent.submit(page, undefined, '/account/applications/withdraw');
      if (!done.url.endsWith('done=withdrawn')) throw new Error(done.url);
    }),
  );
}

/** By HTTP (RFC 7591, RFC 7592). */
function registrationDeleted(node: Node, person: Person): Fact {
  return fact('an application deletes its registration', async () => {
    const { redirectUri } = demoApp;
    const body = JSON.stringify({
      client_name: 'Short Lived',
      redirect_uris: [redirectUri],
      scope,
    });
    const headers = { 'content-type': 'application/json' };
    const sent = fetch(`${node.issuer}/oauth/register`, { method: 'POST', headers, body });
    const registered = (await readAnswer(await sent)).body;
    const client = { id: registered.client_id, secret: registered.client_secret, redirectUri };
    const authorization = `Bearer ${registered.registration_access_token}`;
    return ends(await newToken(node, person, client), async () => {
      const address = `${node.issuer}/oauth/register/${client.id}`;
      const { status } = await fetch(address, { method: 'DELETE', headers: { authorization } });
      if (status !== 204) throw new Error(`deletion answered ${status}`);
    });
  });
}

type Next = Omit<Turn, 'scope'>;

function fact(name: string, next: () => Promise<Next>): Fact {
  return { name, next: async () => ({ ...(await next()), scope }) };
}

function ends(token: string, make: () => Promise<unknown>): Next {
  return { asker: demoApi, token, resources, before: 'allowed', after: 'inactive', make };
}

type Side = readonly [standing: Standing, leave: () => Promise<unknown>];

/** Goes from the first standing to the second, then back. */
function toggle(
  name: string,
  about: Pick<Turn, 'token' | 'resources'>,
  [first, second]: readonly [Side, Side],
): Fact {
  let isFirst = false;
  return fact(name, async () => {
    isFirst = !isFirst;
    const [[before, make], [after]] = isFirst ? [first, second] : [second, first];
    return { ...about, asker: demoApi, before, after, make };
  });
}

/** Presses one of the demo's buttons of vault, and sees that it is done. */
async function pressDemoButton(agent: UserAgent, change: string): Promise<void> {
  const page = await agent.get('/demo/playground');
  const choose = (sent: Fields) => fill(fill(sent, 'organization', 'vault'), 'change', change);
  const done = await agent.submit(page, choose, '/demo/role');
  if (!done.url.includes('done=changed')) throw new Error(`${change} was not done: ${done.url}`);
}

function commit(db: Db, sql: string, ...values: string[]): () => Promise<unknown> {
  return () => db.query(statement(sql), values);
}

async function operatorIn(db: Database) {
  const [row] = await db.query<{ id: string }>(
    statement('select account_id as id from operators limit 1'),
  );
  return { accountId: row?.id ?? '', origin: { address: '127.0.0.1', userAgent: undefined } };
}
