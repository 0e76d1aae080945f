/** Invitations that are open. The token is known by its SHA-256 only, and not at all before its mail goes out; whatever ends an invitation deletes its row. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table invitations (
      id uuid primary key,
      organization_id uuid not null references organizations on delete cascade,
      email text not null check (email = lower(email) and length(email) between 3 and 254),
      role text not null default 'organization_member'
        check (role in ('organization_admin', 'organization_member')),
      invited_by uuid references accounts on delete set null,
      token_hash bytea unique check (length(token_hash) = 32),
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      unique (organization_id, email)
    );
    create index invitations_by_email on invitations (email);
    create index invitations_by_inviter on invitations (invited_by);
    create trigger keep_id before update of id on invitations
      for each row when (old.id is distinct from new.id) execute function usher_keep_id();`);

export const down = (knex: Knex) => knex.schema.raw('drop table invitations');
