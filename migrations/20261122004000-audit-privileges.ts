/**
 * What the two functions that touch written events do no more, whoever calls them: sweeping takes
 * nothing younger than 30 days, and blanking takes nothing of an account that is there. No role may
 * call them without a grant; `npm run migrate -- grant <role>` gives it.
 */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create or replace function usher_blank_audit_events(account uuid, email text) returns integer
      language plpgsql security definer set search_path = public, pg_temp as $$
    declare
      own_subject text := 'user_' || replace(account::text, '-', '');
      blanked integer;
    begin
      if exists (select 1 from accounts a
                  where a.status <> 'deleted' and (a.id = account or a.email = $2)) then
        raise exception 'only a deleted account is blanked' using errcode = 'restrict_violation';
      end if;
      perform set_config('usher.audit_change', 'blank', true);
      update audit_events e
         set address = case when e.actor_account_id = account then null else e.address end,
             user_agent = case when e.actor_account_id = account then null else e.user_agent end,
             before = usher_blank_person(e.before, e.subject is not distinct from own_subject, $2),
             after = usher_blank_person(e.after, e.subject is not distinct from own_subject, $2)
       where e.actor_account_id = account or e.subject = own_subject
          or e.before ->> 'email' = $2 or e.after ->> 'email' = $2;
      get diagnostics blanked = row_count;
      perform set_config('usher.audit_change', '', true);
      return blanked;
    end $$;

    drop function usher_sweep_audit_events(timestamptz, integer);
    create function usher_sweep_audit_events(kept_days integer, at_most integer)
      returns integer language plpgsql security definer set search_path = public, pg_temp as $$
    declare
      swept integer;
    begin
      if coalesce(kept_days, 0) < 30 then
        raise exception 'audit events are kept for 30 days or more'
          using errcode = 'restrict_violation';
      end if;
      perform set_config('usher.audit_change', 'sweep', true);
      delete from audit_events where id in (
        select id from audit_events where at < now() - make_interval(days => kept_days)
         order by at limit at_most for update skip locked);
      get diagnostics swept = row_count;
      perform set_config('usher.audit_change', '', true);
      return swept;
    end $$;

    revoke execute on function usher_blank_audit_events(uuid, text) from public;
    revoke execute on function usher_sweep_audit_events(integer, integer) from public;
    revoke all on audit_events from public;`);

export const down = (knex: Knex) =>
  knex.schema.raw(`
    grant execute on function usher_blank_audit_events(uuid, text) to public;
    drop function usher_sweep_audit_events(integer, integer);
    create function usher_sweep_audit_events(older_than timestamptz, at_most integer)
      returns integer language plpgsql security definer set search_path = public, pg_temp as $$
    declare
      swept integer;
    begin
      perform set_config('usher.audit_change', 'sweep', true);
      delete from audit_events where id in (
        select id from audit_events where at < older_than order by at limit at_most);
      get diagnostics swept = row_count;
      perform set_config('usher.audit_change', '', true);
      return swept;
    end $$;`);
