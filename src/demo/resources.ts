/**
 * The resources of the demo's database platform: its organizations, databases and branches, as a
 * resource server knows its own tree, and the account of whoever is asking.
 *
 * @module
 */

import type { ResourceKind } from '../catalogue/scope-rule.ts';
import { demo } from './demo-data.ts';

/** A thing that can be acted on. */
export interface DemoResource {
  readonly kind: ResourceKind;
  readonly name: string;
  /** What introspection is asked about, such as `organizations/acme/databases/shop`. */
  readonly path: string;
  readonly children: readonly DemoResource[];
}

/** The account, and the organizations with all that is in them. */
export const resources: readonly DemoResource[] = [
  { kind: 'user', name: 'user', path: 'user', children: [] },
  ...demo.organizations.map(({ slug, databases }) => organization(slug, databases)),
];

/** The same, one after the other: a parent before its children. */
export const allResources: readonly DemoResource[] = resources.flatMap(withChildren);

/** @returns undefined when the platform has no such resource. */
export function findDemoResource(path: string): DemoResource | undefined {
  return allResources.find((resource) => resource.path === path);
}

function organization(
  slug: string,
  databases: Readonly<Record<string, readonly string[]>>,
): DemoResource {
  const path = `organizations/${slug}`;
  const children = Object.entries(databases).map(([name, branches]) =>
    database(`${path}/databases/${name}`, name, branches),
  );
  return { kind: 'organization', name: slug, path, children };
}

function database(path: string, name: string, branches: readonly string[]): DemoResource {
  const children = branches.map((branch) => ({
    kind: 'branch' as const,
    name: branch,
    path: `${path}/branches/${branch}`,
    children: [],
  }));
  return { kind: 'database', name, path, children };
}

function withChildren(resource: DemoResource): DemoResource[] {
  return [resource, ...resource.children.flatMap(withChildren)];
}
