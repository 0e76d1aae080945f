/**
 * The form of an application: what was typed is read here, and shown again with what is wrong with it.
 *
 * @module
 */

import { z } from 'zod';
import { has, parseScopeSet } from '../../catalogue/scope-set.ts';
import { scopes } from '../../catalogue/scopes.ts';
import { scopeWords } from '../../catalogue/words.ts';
import { effects, type Level, levels } from '../../catalogue-files/levels.ts';
import { requirableByAnyone } from '../../clients/required-scope.ts';
import type { Messages } from '../../lib/messages.ts';
import { kindOf } from '../../portal/own-applications.ts';
import { kinds, type TypedApplication } from '../../portal/typed-application.ts';
import type { OwnClient } from '../../storage/clients/own-clients.ts';

/** @returns what was typed; of redirect URIs each line that is not empty. */
export function readTyped(fields: URLSearchParams): TypedApplication {
  const text = (name: string) => fields.get(name) ?? '';
  return {
    name: text('name'),
    description: text('description').replaceAll('\r\n', ' '),
    homePage: text('home_page'),
    kind: text('kind'),
    redirectUris: text('redirect_uris')
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== ''),
    scopes: known(fields.getAll('scope')),
    required: known(fields.getAll('required')),
    contact: text('contact'),
    privacy: text('privacy'),
    terms: text('terms'),
  };
}

function known(names: readonly string[]): readonly string[] {
  const wanted = new Set(names);
  return scopes.filter(({ scope }) => wanted.has(scope)).map(({ scope }) => scope);
}

/** An application as its form shows it. */
export function typedOf(client: OwnClient): TypedApplication {
  const { name, description, redirectUris, contacts = [] } = client;
  return {
    name,
    description,
    homePage: client.clientUri ?? '',
    kind: kindOf(client),
    redirectUris,
    scopes: known(client.scope.split(' ')),
    required: known((client.requiredScope ?? '').split(' ')),
    contact: contacts[0] ?? '',
    privacy: client.policyUri ?? '',
    terms: client.tosUri ?? '',
  };
}

/** An application as its form sends along what it was opened with. */
export const applicationForm = z.object({
  name: z.string(),
  description: z.string(),
  homePage: z.string(),
  kind: z.string(),
  redirectUris: z.array(z.string()),
  scopes: z.array(z.string()),
  required: z.array(z.string()),
  contact: z.string(),
  privacy: z.string(),
  terms: z.string(),
});

/** An empty form. */
export const nothingTyped: TypedApplication = {
  name: '',
  description: '',
  homePage: '',
  kind: 'web',
  redirectUris: [],
  scopes: [],
  required: [],
  contact: '',
  privacy: '',
  terms: '',
};

const kindTexts = {
  web: { label: 'own-app-form.web', hint: 'own-app-form.web-hint' },
  native: { label: 'own-app-form.native', hint: 'own-app-form.native-hint' },
  browser: { label: 'own-app-form.browser', hint: 'own-app-form.browser-hint' },
} as const;

/** The kinds to choose from. */
export function kindChoices(t: Messages, chosen: string) {
  return kinds.map((kind) => ({
    value: kind,
    label: t.text(kindTexts[kind].label),
    hint: t.text(kindTexts[kind].hint),
    isChecked: kind === chosen,
  }));
}

export const levelTexts: Readonly<Record<Level, string>> = {
  user: 'scopes-page.user',
  organization: 'scopes-page.organization',
  database: 'scopes-page.database',
  branch: 'scopes-page.branch',
};

export const effectTexts = {
  see: 'own-app-form.see',
  change: 'own-app-form.change',
  people: 'own-app-form.people',
  delete: 'own-app-form.delete',
  secrets: 'own-app-form.secrets',
} as const;

/**
 * The scopes by level, and in each the most harmless first.
 *
 * @param search words of which each must be in a scope; what is chosen is shown whatever they are.
 */
export function scopeLevels(
  t: Messages,
  typed: Pick<TypedApplication, 'scopes' | 'required'>,
  search: string,
) {
  const wanted = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const [chosen, required] = [new Set(typed.scopes), new Set(typed.required)];
  return levels.flatMap((level) => {
    const found = scopes
      .filter((one) => one.level === level)
      .map((one) => ({
        scope: one.scope,
        words: scopeWords(one, t.locale),
        effect: one.effect,
        effectText: t.text(effectTexts[one.effect]),
        isChecked: chosen.has(one.scope),
        isRequired: required.has(one.scope),
        mayRequire: has(requirableByAnyone, one.scope),
      }))
      .filter(({ scope, words, effectText, isChecked, isRequired }) => {
        const text = `${scope} ${words} ${effectText}`.toLowerCase();
        return isChecked || isRequired || wanted.every((word) => text.includes(word));
      })
      .toSorted((one, other) => effects.indexOf(one.effect) - effects.indexOf(other.effect));
    if (found.length === 0) return [];
    const count = found.filter(({ isChecked }) => isChecked).length;
    const isOpen = count > 0 || wanted.length > 0;
    return [{ name: t.text(levelTexts[level]), scopes: found, count, isOpen }];
  });
}

/** The words of the scopes that an application registered, in catalogue order. */
export function scopeTexts(t: Messages, { scope }: Pick<OwnClient, 'scope'>): string[] {
  const set = parseScopeSet(scope);
  return scopes.filter((one) => has(set, one.scope)).map((one) => scopeWords(one, t.locale));
}
