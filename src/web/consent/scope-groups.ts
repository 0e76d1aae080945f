/**
 * The asked scopes as a person reads them: grouped by what they do, the most dangerous first. Scopes
 * of several levels that are said in the same words are one line.
 *
 * @module
 */

import { has, names, type ScopeSet } from '../../catalogue/scope-set.ts';
import { type Scope, scopeOf } from '../../catalogue/scopes.ts';
import { scopeWords } from '../../catalogue/words.ts';
import { type Effect, effects } from '../../catalogue-files/levels.ts';
import { type PageBase, refusalOf } from '../../consent/page-base.ts';
import type { Messages } from '../../lib/messages.ts';
import { refusalWords } from './consent-words.ts';
import { namesFor } from './resource-view.ts';

/** Some lines under one heading. */
export interface ScopeGroup {
  readonly effect: Effect;
  /** By message key. */
  readonly heading: string;
  readonly lines: readonly ScopeLine[];
  readonly isAnyTicked: boolean;
}

/** One box. */
interface ScopeLine {
  readonly id: string;
  readonly words: string;
  /** The names of the scopes that it ticks, by spaces. */
  readonly value: string;
  readonly isForAccount: boolean;
  readonly isTicked: boolean;
  /** The application cannot do without one of them. */
  readonly isRequired: boolean;
  /** Why it can be given nowhere. */
  readonly reason: string | undefined;
}

const headings: Readonly<Record<Effect, string>> = {
  secrets: 'consent-page.group-secrets',
  delete: 'consent-page.group-delete',
  people: 'consent-page.group-people',
  change: 'consent-page.group-change',
  see: 'consent-page.group-see',
};

/** @returns the groups that have a line, the most dangerous first. */
export function scopeGroups(t: Messages, base: PageBase, ticked: ScopeSet): ScopeGroup[] {
  const asked = names(base.asked.scopes).map(scopeOf);
  const byEffect = Map.groupBy(asked, ({ effect }) => effect);
  return effects.toReversed().flatMap((effect) => {
    const lines = linesOf(t, base, byEffect.get(effect) ?? [], ticked);
    const isAnyTicked = lines.some(({ isTicked }) => isTicked);
    return lines.length === 0 ? [] : [{ effect, heading: headings[effect], lines, isAnyTicked }];
  });
}

function linesOf(
  t: Messages,
  base: PageBase,
  scopes: readonly Scope[],
  ticked: ScopeSet,
): ScopeLine[] {
  const byWords = Map.groupBy(scopes, (scope) => scopeWords(scope, t.locale));
  return Array.from(byWords, ([words, own]) => {
    const refused = own.map(({ scope, level }) =>
      level === 'user' ? undefined : nowhere(t, base, scope),
    );
    const open = own.filter((_scope, index) => refused[index] === undefined);
    const shown = open.length === 0 ? own : open;
    return {
      id: `scope-${own[0]?.scope.replace(':', '-')}`,
      words,
      value: shown.map(({ scope }) => scope).join(' '),
      isForAccount: own.every(({ level }) => level === 'user'),
      isTicked: open.some(({ scope }) => has(ticked, scope)),
      isRequired: own.some(({ scope }) => has(base.required, scope)),
      reason: open.length === 0 ? refused[0] : undefined,
    };
  });
}

function nowhere(t: Messages, base: PageBase, scope: Scope['scope']): string | undefined {
  if (base.organizations.length === 0) return t.text('consent-reasons.no-organization');
  const refused = refusalOf(base, scope);
  return refused && refusalWords(t, refused.refusal, namesFor(refused.resource, base));
}
