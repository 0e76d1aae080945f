/** The audit log in every state that somebody can see it in. */

import { statement } from '../../src/storage/engine/database.ts';
import { type Open, type PageState, signedIn } from './page-states.ts';
import { stage } from './stage.ts';

const { administrator, place } = stage;
const [slug = ''] = place.split('/');
const base = `/organizations/${slug}/audit`;

const refuse = statement(`
  insert into audit_events (action, outcome, actor_account_id, organization_id, subject, after, address)
  select 'member.removed', 'refused', a.id, o.id, 'user_00000000000000000000000000000000',
         '{"refused": "role"}', '192.0.2.1'
    from organizations o, accounts a where o.slug = $1 and a.email = $2`);

const withDetails: Open = async (page, server) => {
  await server.database.db.query(refuse, [slug, administrator]);
  await signedIn(base, administrator)(page, server);
  await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`);
};

export const auditStates: readonly PageState[] = [
  { name: 'audit log', open: withDetails },
  { name: 'audit log, nothing', open: signedIn(`${base}?person=no@x.test`, administrator) },
];
