/**
 * What somebody else saved while a form was open, in words.
 *
 * @module
 */

import { scopes } from '../../catalogue/scopes.ts';
import { scopeWords } from '../../catalogue/words.ts';
import type { Messages } from '../../lib/messages.ts';
import type { TypedApplication } from '../../portal/typed-application.ts';
import type { ChangedField } from './merge-typed.ts';

const labels: Readonly<Record<keyof TypedApplication, string>> = {
  name: 'own-app-form.name',
  description: 'own-app-form.description',
  homePage: 'own-app-form.home-page',
  kind: 'own-app-form.kind',
  redirectUris: 'own-app-form.redirects',
  scopes: 'own-app-form.permissions',
  required: 'own-app-form.required',
  contact: 'own-app-form.contact',
  privacy: 'own-app-form.privacy',
  terms: 'own-app-form.terms',
};

/** @returns a line for each field: its name, what is saved, and which of the two the form shows. */
export function changedTexts(t: Messages, changed: readonly ChangedField[]): string[] {
  return changed.map(({ field, now, isTaken }) => {
    const value = typeof now === 'string' ? now : now.map((one) => wordsOf(t, one)).join(', ');
    const values = { field: t.text(labels[field]), value: value || t.text('own-app-form.nothing') };
    return t.text(isTaken ? 'own-app-form.change-taken' : 'own-app-form.change-kept', values);
  });
}

function wordsOf(t: Messages, one: string): string {
  const scope = scopes.find(({ scope }) => scope === one);
  return scope === undefined ? one : scopeWords(scope, t.locale);
}
