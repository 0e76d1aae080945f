/**
 * How a question names the resource it is about, and the SQL that finds which one that is.
 *
 * @module
 */

import type { ResourceKind } from '../../catalogue/scope-rule.ts';

/** A resource as a question names it; `unknown` is a name that nothing can have. */
export type ResourceReference =
  | { readonly kind: 'user' }
  | { readonly kind: Exclude<ResourceKind, 'user'>; readonly id: string }
  /** The platform's own id of an organization, a database or a branch. */
  | { readonly kind: 'external'; readonly externalId: string }
  | ({ readonly kind: 'path' } & SlugPath)
  | { readonly kind: 'unknown' };

/** The slugs from the organization down; the last one given names the resource. */
export interface SlugPath {
  readonly organization: string;
  readonly database?: string | undefined;
  readonly branch?: string | undefined;
}

/** The columns of `referenceArrays`, in its order, as one question's row has them. */
export const referenceColumns = [
  'kind',
  'id',
  'external_id',
  'organization_slug',
  'database_slug',
  'branch_slug',
];

/** Their types, for the parameters. */
export const referenceTypes = ['text[]', 'uuid[]', 'text[]', 'text[]', 'text[]', 'text[]'];

/** @returns an array a column, an element a question. */
export function referenceArrays(references: readonly ResourceReference[]): unknown[][] {
  return [
    references.map(({ kind }) => kind),
    references.map((reference) => ('id' in reference ? reference.id : null)),
    references.map((reference) => ('externalId' in reference ? reference.externalId : null)),
    references.map((reference) => ('organization' in reference ? reference.organization : null)),
    references.map((reference) => ('database' in reference ? reference.database : null)),
    references.map((reference) => ('branch' in reference ? reference.branch : null)),
  ];
}

/**
 * The ids that question `q` names, in `organization_id`, `database_id` and `branch_id`: at most one,
 * but for an external id that things of several kinds have. Whether there is such a thing is not
 * asked yet where the question gives the id itself.
 */
export const namedResource = `
  select
    case q.kind when 'organization' then q.id
      when 'external' then (select id from organizations where external_id = q.external_id)
      when 'path' then (select id from organizations
        where slug = q.organization_slug and q.database_slug is null)
    end as organization_id,
    case q.kind when 'database' then q.id
      when 'external' then (select id from databases where external_id = q.external_id)
      when 'path' then (select d.id from organizations o join databases d on d.organization_id = o.id
        where o.slug = q.organization_slug and d.slug = q.database_slug and q.branch_slug is null)
    end as database_id,
    case q.kind when 'branch' then q.id
      when 'external' then (select id from branches where external_id = q.external_id)
      when 'path' then (select b.id from organizations o join databases d on d.organization_id = o.id
        join branches b on b.database_id = d.id
        where o.slug = q.organization_slug and d.slug = q.database_slug and b.slug = q.branch_slug)
    end as branch_id
  offset 0`;
