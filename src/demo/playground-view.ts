/**
 * The resources and their actions, as the playground shows them.
 *
 * @module
 */

import { emptySet, isEmpty, names, type ScopeSet } from '../catalogue/scope-set.ts';
import type { ScopeName } from '../catalogue/scopes.ts';
import { type Action, actionsOn, isAllowed, reasonsFor } from './actions.ts';
import { type Difference, difference, type ResourceAnswer } from './answers.ts';
import { allResources, type DemoResource, resources } from './resources.ts';

/** An action on a resource: allowed or not, now and before the last change. */
interface ShownAction {
  readonly name: string;
  readonly description: string;
  readonly isAllowed: boolean;
  /** It was the other way round before. */
  readonly isChanged: boolean;
  readonly because: readonly ScopeName[];
}

/** A resource with its answer. */
interface ShownResource {
  readonly kind: string;
  readonly name: string;
  readonly path: string;
  readonly isProduction: boolean;
  readonly isOpen: boolean;
  readonly actions: readonly ShownAction[];
  readonly gained: readonly ScopeName[];
  readonly lost: readonly ScopeName[];
  readonly children: readonly ShownResource[];
}

/** The resources, and those whose answer is another than before. */
export interface ShownResources {
  readonly tree: readonly ShownResource[];
  readonly changed: readonly ShownResource[];
}

/**
 * Describes all resources; open are those that changed or, when none did, those where anything goes.
 *
 * @param was what was effective before the last change; undefined when there was none.
 */
export function describeResources(
  now: ReadonlyMap<string, ResourceAnswer>,
  was: ReadonlyMap<string, ScopeSet> | undefined,
): ShownResources {
  const changes = new Map(allResources.map(({ path }) => [path, changeAt(path, now, was)]));
  const anyChanged = [...changes.values()].some(isChange);
  const describe = (resource: DemoResource): ShownResource => {
    const { kind, name, path } = resource;
    const change = changes.get(path) ?? unchanged;
    const children = resource.children.map(describe);
    const isOfInterest = anyChanged ? isChange(change) : !isEmpty(change.after);
    return {
      kind,
      name,
      path,
      isProduction: now.get(path)?.isProduction === true,
      isOpen: isOfInterest || children.some(({ isOpen }) => isOpen),
      actions: actionsOn[kind].map((action) => describeAction(action, change)),
      gained: names(change.gained),
      lost: names(change.lost),
      children,
    };
  };
  const tree = resources.map(describe);
  return { tree, changed: tree.flatMap(withChildren).filter(hasChanged) };
}

interface Change extends Difference {
  readonly before: ScopeSet;
  readonly after: ScopeSet;
}

const unchanged: Change = {
  before: emptySet,
  after: emptySet,
  gained: emptySet,
  lost: emptySet,
};

function changeAt(
  path: string,
  now: ReadonlyMap<string, ResourceAnswer>,
  was: ReadonlyMap<string, ScopeSet> | undefined,
): Change {
  const after = now.get(path)?.effective ?? emptySet;
  const before = was?.get(path) ?? after;
  return { before, after, ...difference(before, after) };
}

function isChange({ gained, lost }: Change): boolean {
  return !isEmpty(gained) || !isEmpty(lost);
}

function describeAction(action: Action, { before, after }: Change): ShownAction {
  const { name, description } = action;
  return {
    name,
    description,
    isAllowed: isAllowed(action, after),
    isChanged: isAllowed(action, after) !== isAllowed(action, before),
    because: reasonsFor(action, after),
  };
}

function hasChanged({ gained, lost }: ShownResource): boolean {
  return gained.length + lost.length > 0;
}

function withChildren(resource: ShownResource): ShownResource[] {
  return [resource, ...resource.children.flatMap(withChildren)];
}
