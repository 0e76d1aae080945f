/**
 * A request is answered once: the second submit of a form gets the first one's answer, in the browser
 * in which the request began and in no other (RFC 9700 section 4.7).
 */

import { beforeAll, describe, expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { visit } from '../support/authorize.ts';
import { onlyOnPostgres } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  authorizationRequest,
  consentTo,
  demoApp,
  type Node,
  redeem,
  signInFor,
} from '../support/oauth.ts';
import { startProcesses } from '../support/processes.ts';
import { startTestServer } from '../support/server.ts';
import { copyOf, isSignedIn, type Press, submitAtOnce } from '../support/submit-twice.ts';
import {
  createUserAgent,
  type Fields,
  fill,
  type Page,
  type UserAgent,
} from '../support/user-agent.ts';

const dba = 'dba@acme.test';
const scope = 'user:read_user';
type Nodes = readonly [Node, ...Node[]];

const server = forAllTests(startTestServer);
beforeAll(() => consentTo(server, demoApp, dba, 'database:read_database', ['acme/shop']));

const password = (sent: Fields) => fill(fill(sent, 'email', dba), 'password', 'usher-demo');
const cancel = (sent: Fields) => fill(sent, 'action', 'cancel');

/** A signed-in browser before the consent page, which is asked for at each request. */
async function consentPage(
  node: Node,
  agent: UserAgent,
): Promise<{ page: Page; verifier: string }> {
  const { url, verifier } = authorizationRequest(node, demoApp, scope, { prompt: 'consent' });
  return { page: await signInFor(agent, url, dba), verifier };
}

/** Presses "Allow" for the user's own account. */
function allowOn(_page: Page): Press {
  const change = (sent: Fields) => fill(fill(sent, 'action', 'allow'), 'scope', scope);
  return { action: '/consent', change };
}

const codeOf = ({ url }: Page) => new URL(url).searchParams.get('code');
const errorOf = ({ url }: Page) => new URL(url).searchParams.get('error');

type Submitted = Awaited<ReturnType<typeof submitAtOnce>>;

/** Both came to the same page, which leads to one address, and the browser is still signed in. */
async function expectOneAnswer(node: Node, { pages, browser }: Submitted): Promise<Page> {
  const [first] = pages;
  expect(pages.map(({ status }) => status)).toEqual(pages.map(() => 200));
  expect(new Set(pages.map(({ url }) => url)).size).toBe(1);
  expect(await isSignedIn(node, browser)).toBe(true);
  return first as Page;
}

const spread = (nodes: Nodes, presses: readonly Press[]) =>
  presses.map((press, n) => ({ ...press, node: nodes[n % nodes.length] ?? nodes[0] }));

/** @returns the browser as it is after it. */
async function allowTwice(nodes: Nodes, agent: UserAgent): Promise<UserAgent> {
  const [one] = nodes;
  const { page, verifier } = await consentPage(one, agent);
  const presses = spread(nodes, [allowOn(page), allowOn(page)]);
  const submitted = await submitAtOnce(agent, page, presses);
  const done = await expectOneAnswer(one, submitted);
  expect((await redeem(one, demoApp, codeOf(done) ?? '', verifier)).status).toBe(200);
  return submitted.browser;
}

/** Allow in one tab and Cancel in the other: whichever was first counts, also for the consent. */
async function allowAndCancel(nodes: Nodes, agent: UserAgent): Promise<UserAgent> {
  const [one] = nodes;
  const { page, verifier } = await consentPage(one, agent);
  const before = await consents(one);
  const presses = spread(nodes, [allowOn(page), { change: cancel, action: '/consent' }]);
  const submitted = await submitAtOnce(agent, page, presses);
  const done = await expectOneAnswer(one, submitted);
  const isAllowed = errorOf(done) === null;
  expect(await consents(one)).toBe(isAllowed ? before + 1 : before);
  if (!isAllowed) expect(errorOf(done)).toBe('access_denied');
  else expect((await redeem(one, demoApp, codeOf(done) ?? '', verifier)).status).toBe(200);
  return submitted.browser;
}

async function signInTwice(nodes: Nodes): Promise<void> {
  const [one] = nodes;
  const agent = createUserAgent(one.issuer);
  const request = authorizationRequest(one, demoApp, 'database:read_database');
  const page = await agent.get(request.url);
  const press = { change: password, action: '/sign-in' };
  const result = await submitAtOnce(agent, page, spread(nodes, [press, press]));
  const done = await expectOneAnswer(one, result);
  expect((await redeem(one, demoApp, codeOf(done) ?? '', request.verifier)).status).toBe(200);
}

async function consents({ database }: Node): Promise<number> {
  const [row] = await database.db.query<{ count: number }>(
    statement(`select count(*)::int as count from audit_events where action = 'consent.recorded'`),
  );
  return row?.count ?? 0;
}

describe('two submits at the same moment', () => {
  test('Allow and Allow: one code, for both', async () => {
    let agent = createUserAgent(server.issuer);
    for (let round = 0; round < 5; round++) agent = await allowTwice([server], agent);
  });

  test('Allow and Cancel: the same answer for both, and a consent only with a code', async () => {
    let agent = createUserAgent(server.issuer);
    for (let round = 0; round < 5; round++) agent = await allowAndCancel([server], agent);
  });

  test('the sign-in: one session, one code', async () => {
    for (let round = 0; round < 3; round++) await signInTwice([server]);
  });
});

describe('a submit after the answer', () => {
  test('gets it again, whatever it says now', async () => {
    const agent = createUserAgent(server.issuer);
    const { page } = await consentPage(server, agent);
    const { change, action } = allowOn(page);
    const first = await agent.submit(page, change, action);
    expect(codeOf(first)).not.toBeNull();
    for (const again of [change, cancel]) {
      expect((await agent.submit(page, again, action)).url).toBe(first.url);
    }
    expect(await isSignedIn(server, agent)).toBe(true);
  });

  test('after its session ended, a consent page records nothing', async () => {
    const agent = createUserAgent(server.issuer);
    const { page } = await consentPage(server, agent);
    const before = await consents(server);
    await agent.submit(await agent.get('/sign-out'), undefined, '/sign-out');
    const { change, action } = allowOn(page);
    expect((await agent.submit(page, change, action)).url).toMatch(/\/sign-in\b/);
    expect(await consents(server)).toBe(before);
  });
});

describe('another browser', () => {
  test('in which the cookies of a request were planted signs nobody in for it', async () => {
    const attacker = createUserAgent(server.issuer);
    const { url } = authorizationRequest(server, demoApp, 'database:read_database');
    const waiting = await attacker.get(url);
    const victim = createUserAgent(server.issuer);
    await victim.get('/sign-in'); // it has an id of its own
    for (const [name, value] of attacker.cookies) {
      if (/interaction|resume/.test(name)) victim.cookies.set(name, value);
    }
    const path = new URL(waiting.url).pathname;
    expect((await visit(server.issuer + path, victim)).status).toBe(404);
    const pressed = await victim.submit(waiting, password, '/sign-in');
    expect(pressed.status).toBe(404);
    const resumed = await attacker.get(`/oauth/authorize/${path.split('/')[2]}`);
    expect(codeOf(resumed)).toBeNull();
  });

  test('gets neither the page nor the answer of a request that was signed in to', async () => {
    const agent = createUserAgent(server.issuer);
    const { url } = authorizationRequest(server, demoApp, 'database:read_database');
    const waiting = await agent.get(url);
    const uid = new URL(waiting.url).pathname.split('/')[2];
    const thief = createUserAgent(server.issuer);
    await thief.get('/sign-in');
    for (const [name, value] of agent.cookies) {
      if (/interaction|resume/.test(name)) thief.cookies.set(name, value);
    }
    const stolen = async () => visit(`${server.issuer}/oauth/authorize/${uid}`, thief);
    expect((await stolen()).status).toBe(400);
    const done = await agent.submit(waiting, password, '/sign-in');
    expect(codeOf(done)).not.toBeNull();
    expect(await stolen()).toMatchObject({ status: 400, location: undefined });
  });
});

describe('a browser in which somebody else is signed in', () => {
  test('goes on as the one who signs in last, also when that was in another tab', async () => {
    const agent = createUserAgent(server.issuer);
    const { url } = authorizationRequest(server, demoApp, 'database:read_database');
    const waiting = await agent.get(url);
    const form = await agent.get('/sign-in');
    await agent.submit(form, (sent) => fill(password(sent), 'email', 'member@acme.test'));
    const done = await agent.submit(waiting, password, '/sign-in');
    expect(codeOf(done)).not.toBeNull();
    expect((await agent.get('/account')).html).toContain(dba);
  });
});

describe('two tabs of one browser, each with a request of its own', () => {
  test('both get a code at the same moment, and the browser stays signed in', async () => {
    const agent = createUserAgent(server.issuer);
    await signInFor(agent, `${server.issuer}/sign-in`, dba);
    const { page: first } = await consentPage(server, agent);
    const other = copyOf(agent, server.issuer);
    const { page: second } = await consentPage(server, other);
    const press = (tab: UserAgent, page: Page) =>
      tab.submit(page, allowOn(page).change, allowOn(page).action);
    const pages = await Promise.all([press(agent, first), press(other, second)]);
    expect(pages.map(codeOf)).not.toContain(null);
    for (const tab of [agent, other]) expect(await isSignedIn(server, tab)).toBe(true);
  });
});

describe(...onlyOnPostgres('two processes', 'one embedded database has one process'), () => {
  const processes = forAllTests(() => startProcesses(2));
  beforeAll(() =>
    consentTo(processes.nodes[0], demoApp, dba, 'database:read_database', ['acme/shop']),
  );

  test('200 double submits over both: one answer each, never 500, nobody signed out', async () => {
    const { nodes } = processes;
    let agent = createUserAgent(nodes[0].issuer);
    for (let round = 0; round < 80; round++) {
      agent = await allowTwice(nodes, agent);
      agent = await allowAndCancel(nodes, agent);
    }
    for (let round = 0; round < 40; round++) await signInTwice(nodes);
  }, 300_000);
});
