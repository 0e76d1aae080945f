/** Why?, and the other pages about who can do what, in every state that a person can see them in. */

import { printId } from '../../src/lib/ids.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { consentTo, demoApp } from '../support/oauth.ts';
import { auditStates } from './console-audit-states.ts';
import { databaseStates } from './console-database-states.ts';
import { teamStates } from './console-team-states.ts';
import { operationsStates } from './operations-states.ts';
import { type Open, type PageState, signedIn } from './page-states.ts';
import { passkeyStates } from './passkey-states.ts';
import { stage } from './stage.ts';

const { administrator, member, place } = stage;
const [slug = '', database = ''] = place.split('/');
const base = `/organizations/${slug}/why`;

const ids = statement(`
  select (select id from accounts where email = $1) as person,
         (select id from databases where slug = $2) as database`);

const about =
  (query: string): Open =>
  async (page, server) => {
    const [row] = await server.database.db.query<{ person: string; database: string }>(ids, [
      member,
      database,
    ]);
    const person = printId('user', row?.person ?? '');
    const on = printId('database', row?.database ?? '');
    const filled = query.replace('PERSON', person).replace('DATABASE', on);
    await signedIn(`${base}?${filled}`, administrator)(page, server);
  };

/** What an application that may look at the database can do there. */
const ofApplication =
  (query: string): Open =>
  async (page, server) => {
    await consentTo(server, demoApp, member, stage.reading.join(' '), [place]);
    await about(`person=PERSON&on=DATABASE&app=${demoApp.id}${query}`)(page, server);
  };

export const whyStates: readonly PageState[] = [
  { name: 'why', open: signedIn(base, administrator) },
  { name: 'why, nobody found', open: signedIn(`${base}?find=nobody@x.test`, administrator) },
  { name: 'why, a person', open: about('person=PERSON&on=DATABASE') },
  { name: 'why, one thing', open: about('person=PERSON&on=DATABASE&do=production') },
  { name: 'why, an application', open: ofApplication('') },
  { name: 'why, one thing of an application', open: ofApplication(`&do=${stage.scopes.deletion}`) },
  { name: 'why, who can', open: about('on=DATABASE&do=production') },
  { name: 'why, oneself', open: signedIn(base, member) },
  ...databaseStates,
  ...teamStates,
  ...auditStates,
  ...operationsStates,
  ...passkeyStates,
];
