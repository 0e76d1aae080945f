/**
 * The places and their actions, as the playground shows them.
 *
 * @module
 */

import { emptySet, isEmpty, names, type ScopeSet } from '../catalogue/scope-set.ts';
import type { ScopeName } from '../catalogue/scopes.ts';
import { type Action, actionsOn, isAllowed, reasonsFor } from './actions.ts';
import { difference, type PlaceAnswer } from './answers.ts';
import { type Place, places } from './places.ts';

/** An action in a place: allowed or not, now and before the last change. */
interface ShownAction {
  readonly name: string;
  readonly description: string;
  readonly isAllowed: boolean;
  /** It was the other way round before. */
  readonly isChanged: boolean;
  readonly because: readonly ScopeName[];
}

/** A place with its answer. */
export interface ShownPlace {
  readonly kind: string;
  readonly name: string;
  readonly path: string;
  readonly isProduction: boolean;
  readonly isOpen: boolean;
  readonly actions: readonly ShownAction[];
  readonly gained: readonly ScopeName[];
  readonly lost: readonly ScopeName[];
  readonly children: readonly ShownPlace[];
}

/** @param was what was effective before the last change; undefined when there was none. */
export function describePlaces(
  now: ReadonlyMap<string, PlaceAnswer>,
  was: ReadonlyMap<string, ScopeSet> | undefined,
): ShownPlace[] {
  const describe = (place: Place): ShownPlace => {
    const answer = now.get(place.path) ?? nothing;
    const before = was?.get(place.path) ?? answer.effective;
    const { gained, lost } = difference(before, answer.effective);
    const children = place.children.map(describe);
    const { kind, name, path } = place;
    const isTouched = !isEmpty(gained) || !isEmpty(lost) || !isEmpty(answer.effective);
    return {
      kind,
      name,
      path,
      isProduction: answer.isProduction,
      isOpen: isTouched || children.some(({ isOpen }) => isOpen),
      actions: actionsOn[kind].map((action) => describeAction(action, answer.effective, before)),
      gained: names(gained),
      lost: names(lost),
      children,
    };
  };
  return places.map(describe);
}

const nothing: PlaceAnswer = { effective: emptySet, isProduction: false };

function describeAction(action: Action, now: ScopeSet, before: ScopeSet): ShownAction {
  const { name, description } = action;
  return {
    name,
    description,
    isAllowed: isAllowed(action, now),
    isChanged: isAllowed(action, now) !== isAllowed(action, before),
    because: reasonsFor(action, now),
  };
}
