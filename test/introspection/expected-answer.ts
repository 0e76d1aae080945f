/** What introspection must answer in a written world, told naively from test/decisions/oracle.ts. */

import { scopeRows } from '../catalogue/rows-in-use.ts';
import { actions, below, covers, effective } from '../decisions/oracle.ts';
import type { Resource } from '../decisions/worlds.ts';
import type { AskerKind, WrittenWorld } from './written-world.ts';

const inactive = { active: false };

/** The members of the answer that depend on consent and roles. */
export function expectedAnswer(
  written: WrittenWorld,
  asker: AskerKind,
  resource: Resource | undefined,
): object {
  const { world } = written;
  const counting = world.entries.filter(({ version }) => version <= world.token.version);
  const inOrganization = counting.some((entry) => entry.resource.kind !== 'user');
  if (asker === 'other' || (asker === 'tenant' && !inOrganization)) return inactive;
  const powers =
    resource === undefined ? onAll(written, asker) : onResource(written, asker, resource);
  return { active: true, ...powers };
}

function onResource(written: WrittenWorld, asker: AskerKind, resource: Resource): object {
  const { world, named } = written;
  const openid = resource.kind === 'user' ? written.openid : '';
  const isReached =
    openid !== '' ||
    world.entries.some(
      (entry) =>
        entry.version <= world.token.version &&
        (covers(entry.resource, resource) || covers(resource, entry.resource)),
    );
  if (!isReached || (asker === 'tenant' && resource.kind === 'user')) return {};
  const hasChildren = resource.kind === 'organization' || resource.kind === 'database';
  const production = resource.kind === 'branch' ? { production: resource.production } : {};
  return {
    ...scopeOf([openid, ...effective(world, resource)]),
    resource: { type: resource.kind, ...named(resource), ...production },
    ...(hasChildren ? { below: below(world, resource) } : {}),
  };
}

function onAll(written: WrittenWorld, asker: AskerKind): object {
  const picked = pickedResources(written).filter(({ level }) => {
    if (asker === 'careful') return level === 'user';
    return asker !== 'tenant' || level !== 'user';
  });
  const held = new Set(picked.flatMap((detail) => detail.actions));
  const openid = asker === 'tenant' ? '' : written.openid;
  return {
    ...scopeOf([openid, ...inOrder(held)]),
    authorization_details: picked.filter((detail) => detail.actions.length > 0),
  };
}

function pickedResources({ world, named }: WrittenWorld) {
  const levels = ['user', 'organization', 'database', 'branch'] as const;
  return levels.flatMap((level) => {
    const entries = world.entries.filter((entry) => entry.resource.kind === level);
    const paths = [...new Set(entries.map((entry) => named(entry.resource).path))].sort();
    return paths.flatMap((path) => {
      const here = entries.filter((entry) => named(entry.resource).path === path);
      const { identifier = '' } = here[0] ? named(here[0].resource) : {};
      const heldBy = (some: typeof here) => new Set(some.flatMap((entry) => actions(world, entry)));
      const detail = { type: 'usher', level, identifier, path };
      if (level === 'user' || level === 'branch') {
        return [{ ...detail, actions: inOrder(heldBy(here)) }];
      }
      const whole = heldBy(here.filter((entry) => entry.includesProduction));
      const part = heldBy(here.filter((entry) => !entry.includesProduction)).difference(whole);
      return [
        { ...detail, production: true, actions: inOrder(whole) },
        { ...detail, production: false, actions: inOrder(part) },
      ];
    });
  });
}

function inOrder(held: Set<string>): string[] {
  return scopeRows.map((row) => row.scope).filter((scope) => held.has(scope));
}

function scopeOf(words: string[]): object {
  const scope = words.filter((word) => word !== '').join(' ');
  return scope === '' ? {} : { scope };
}
