/** How the audit trail is looked through: an organization's by person, by subject, by action and by time; what names an e-mail address; what is old. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create index audit_events_by_actor
      on audit_events (organization_id, actor_account_id, id desc) where organization_id is not null;
    create index audit_events_by_subject on audit_events (subject, organization_id, id desc);
    create index audit_events_by_action
      on audit_events (organization_id, action, id desc) where organization_id is not null;
    create index audit_events_by_organization_time
      on audit_events (organization_id, at) where organization_id is not null;
    create index audit_events_by_time on audit_events (at);
    create index audit_events_by_email_before
      on audit_events ((before ->> 'email')) where before ->> 'email' is not null;
    create index audit_events_by_email_after
      on audit_events ((after ->> 'email')) where after ->> 'email' is not null;`);

export const down = (knex: Knex) =>
  knex.schema.raw(`
    drop index audit_events_by_email_after;
    drop index audit_events_by_email_before;
    drop index audit_events_by_time;
    drop index audit_events_by_organization_time;
    drop index audit_events_by_action;
    drop index audit_events_by_subject;
    drop index audit_events_by_actor`);
