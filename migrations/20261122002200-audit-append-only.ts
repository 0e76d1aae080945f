/**
 * The audit trail only grows. Two functions are the only ways to touch what is written:
 *
 * - `usher_blank_audit_events` takes the personal data of a deleted account out: where it acted from,
 *   and its e-mail address and name. Who (by id) did what to what, and when, stays.
 * - `usher_sweep_audit_events` deletes what is older than the operator wants to keep.
 *
 * The trigger refuses every other update, delete and truncate, and lets a blanking change nothing
 * else. It guards against every mistake of the program. Against someone who runs SQL of their own
 * choice guard privileges: let Usher connect as a role that does not own the table and has no more
 * than `select, insert` on it; the functions run as their owner.
 */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create function usher_keep_audit() returns trigger language plpgsql as $$
    declare
      allowed text := coalesce(current_setting('usher.audit_change', true), '');
    begin
      if tg_op = 'DELETE' and allowed = 'sweep' then
        return old;
      end if;
      if tg_op = 'UPDATE' and allowed = 'blank'
         and (new.id, new.at, new.action, new.outcome, new.actor_account_id, new.actor_client_id,
              new.organization_id, new.subject)
             is not distinct from
             (old.id, old.at, old.action, old.outcome, old.actor_account_id, old.actor_client_id,
              old.organization_id, old.subject) then
        return new;
      end if;
      raise exception 'audit events are only ever added' using errcode = 'restrict_violation';
    end $$;
    create trigger keep_audit before update or delete on audit_events
      for each row execute function usher_keep_audit();
    create trigger keep_audit_whole before truncate on audit_events
      for each statement execute function usher_keep_audit();

    create function usher_blank_person(value jsonb, is_about boolean, email text) returns jsonb
      language sql immutable as $$
      select case when jsonb_typeof(value) is distinct from 'object' then value else value
        || case when value -> 'email' is not null and (is_about or value ->> 'email' = email)
                then '{"email": null}'::jsonb else '{}'::jsonb end
        || case when value -> 'name' is not null and is_about
                then '{"name": null}'::jsonb else '{}'::jsonb end end $$;

    create function usher_blank_audit_events(account uuid, email text) returns integer
      language plpgsql security definer set search_path = public, pg_temp as $$
    declare
      own_subject text := 'user_' || replace(account::text, '-', '');
      blanked integer;
    begin
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

export const down = (knex: Knex) =>
  knex.schema.raw(`
    drop trigger keep_audit_whole on audit_events;
    drop trigger keep_audit on audit_events;
    drop function usher_sweep_audit_events(timestamptz, integer);
    drop function usher_blank_audit_events(uuid, text);
    drop function usher_blank_person(jsonb, boolean, text);
    drop function usher_keep_audit()`);
