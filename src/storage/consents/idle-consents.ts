/**
 * Consents that nobody uses in an organization that lets such end (`organizations.max_idle_days`): which are
 * announced, in `idle_notices`, and which are due. A use is known by its day and counts to the end of it.
 *
 * The person gets a mail a week before. A use or a new consent in between takes the announcement back, and the
 * time begins anew.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';
import { isAlive } from './consent-end.ts';

/** So many days lie between the mail and the end. */
const noticeDays = 7;

/** SQL: when the part of consent `e.consent_id` in organization `o` was last used or allowed. */
const lastTouched = `greatest(max(e.consented_at), o.uses_counted_from::timestamptz,
  (select u.last_day + 1 from consent_last_uses u
    where u.consent_id = e.consent_id and u.organization_id = o.id)::timestamptz)`;

/** SQL: the parts of living consents that are idle, `days` before they would end; none where nobody can use them. */
const idle = (days: number, where = '') => `
  select e.consent_id, e.organization_id
    from organizations o
    join consent_entries e on e.organization_id = o.id
    join consents n on n.id = e.consent_id and ${isAlive('n')}
   where o.max_idle_days is not null and o.suspended_at is null ${where}
   group by e.consent_id, e.organization_id, o.id
  having ${lastTouched} <= now() - make_interval(days => o.max_idle_days - ${days})`;

/** The part of a person's consent in one organization. */
export interface IdlePart {
  readonly consentId: string;
  readonly organizationId: string;
  readonly accountId: string;
  readonly email: string;
  readonly locale: string | undefined;
  readonly clientId: string;
  readonly application: string;
  readonly organization: string;
}

interface PartRow extends Omit<IdlePart, 'locale'> {
  readonly locale: string | null;
}

const part = `
  select p.consent_id as "consentId", p.organization_id as "organizationId",
         n.account_id as "accountId", a.email, a.locale, c.id as "clientId", c.name as application,
         o.name as organization
    from part p
    join consents n on n.id = p.consent_id
    join accounts a on a.id = n.account_id
    join clients c on c.id = n.client_id
    join organizations o on o.id = p.organization_id`;

const withdraw = statement(`
  delete from idle_notices i where not exists (
    select from (${idle(noticeDays)}) d
     where d.consent_id = i.consent_id and d.organization_id = i.organization_id)`);

/** Takes back what was announced of parts that are not idle any more, or need not end. */
export async function withdrawNotices(tx: Db): Promise<void> {
  await tx.query(withdraw);
}

const announce = statement(`
  with part as (
    insert into idle_notices (consent_id, organization_id)
    select d.consent_id, d.organization_id from (${idle(noticeDays)}) d
     where not exists (select from idle_notices i
       where i.consent_id = d.consent_id and i.organization_id = d.organization_id)
     order by 1, 2 limit $1
        on conflict do nothing
    returning consent_id, organization_id)
  ${part} order by 1, 2`);

/** Marks parts as announced, each once, on whichever process. @returns those whose person gets a mail. */
export async function announceIdle(tx: Db, most: number): Promise<IdlePart[]> {
  return (await tx.query<PartRow>(announce, [most])).map(toPart);
}

const hold = statement(`
  select i.consent_id, i.organization_id
    from idle_notices i join consents n on n.id = i.consent_id
   where i.announced_at <= now() - make_interval(days => ${noticeDays})
   order by i.consent_id, i.organization_id limit $1
     for update of n, i skip locked`);

const end = statement(`
  with held as (
    select * from unnest($1::uuid[], $2::uuid[]) as h (consent_id, organization_id)),
  due as (${idle(0, 'and (e.consent_id, e.organization_id) in (select consent_id, organization_id from held)')}),
  told as (
    delete from idle_notices i using due d
     where i.consent_id = d.consent_id and i.organization_id = d.organization_id),
  gone as (
    delete from consent_entries e using due d
     where e.consent_id = d.consent_id and e.organization_id = d.organization_id
    returning e.consent_id, e.organization_id),
  part as (select distinct consent_id, organization_id from gone)
  ${part} order by 1, 2`);

/**
 * Ends parts that were announced long enough ago and are still idle: their entries, and nothing else. What
 * another process holds is left to it.
 *
 * @returns what ended, and whether there may be more.
 */
export async function endIdle(
  tx: Db,
  most: number,
): Promise<{ readonly ended: readonly IdlePart[]; readonly isFull: boolean }> {
  const held = await tx.query<{ consent_id: string; organization_id: string }>(hold, [most]);
  const ended = await tx.query<PartRow>(end, [
    held.map(({ consent_id }) => consent_id),
    held.map(({ organization_id }) => organization_id),
  ]);
  return { ended: ended.map(toPart), isFull: ended.length === most };
}

function toPart({ locale, ...row }: PartRow): IdlePart {
  return { ...row, locale: locale ?? undefined };
}

const countIdle = statement(`
  select count(distinct e.account_id)::int as people, count(distinct n.client_id)::int as applications
    from (
      select e.consent_id
        from organizations o join consent_entries e on e.organization_id = o.id
       where o.id = $1
       group by e.consent_id, o.id
      having ${lastTouched} <= now() - make_interval(days => $2::int - ${noticeDays})) i
    join consents n on n.id = i.consent_id and ${isAlive('n')}
    join consent_entries e on e.consent_id = n.id and e.organization_id = $1`);

/** @returns how many people's consents to how many applications would be announced at once. */
export async function idleBy(
  db: Db,
  organizationId: string,
  days: number,
): Promise<{ readonly people: number; readonly applications: number }> {
  const [row] = await db.query<{ people: number; applications: number }>(countIdle, [
    organizationId,
    days,
  ]);
  return row ?? { people: 0, applications: 0 };
}
