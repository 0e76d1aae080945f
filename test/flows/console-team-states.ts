/** Teams in every state that somebody can see them in. */

import { printId } from '../../src/lib/ids.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { type Open, type PageState, signedIn } from './page-states.ts';
import { stage } from './stage.ts';

const { administrator, askedForMore, member, place } = stage;
const [slug = '', database = ''] = place.split('/');
const base = `/organizations/${slug}/teams`;

const find = statement(`
  select t.id from teams t join organizations o on o.id = t.organization_id
   where o.slug = $1 order by t.slug limit 1`);

const at =
  (path = '', email = administrator): Open =>
  async (page, server) => {
    const [row] = await server.database.db.query<{ id: string }>(find, [slug]);
    await signedIn(`${base}/${printId('team', row?.id ?? '')}${path}`, email)(page, server);
  };

export const teamStates: readonly PageState[] = [
  { name: 'teams', open: signedIn(base, administrator) },
  { name: 'teams, none found', open: signedIn(`${base}?search=zzz`, administrator) },
  { name: 'team', open: at() },
  { name: 'team of a member', open: at('', member) },
  { name: 'team, whom to add', open: at(`/change?do=add-member&email=${member}`) },
  { name: 'team, in it already', open: at(`/change?do=add-member&email=${askedForMore}`) },
  { name: 'team, nobody to add', open: at('/change?do=add-member&email=no@x.test') },
  { name: 'team, one more database', open: at(`/change?do=add-database&slug=${database}`) },
  { name: 'team, to delete', open: at('/change?do=delete') },
];
