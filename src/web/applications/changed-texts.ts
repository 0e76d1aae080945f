/**
 * What somebody else saved while a form was open, in words.
 *
 * @module
 */

import { scopes } from '../../catalogue/scopes.ts';
import { scopeWords } from '../../catalogue/words.ts';
import type { Messages } from '../../lib/messages.ts';
import type { TypedApplication } from '../../portal/typed-application.ts';
import type { ChangedField, Value } from './merge-typed.ts';

/** The fields of an application's form: message keys. */
export const applicationLabels: Readonly<Record<keyof TypedApplication, string>> = {
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

/**
 * @param labels of the fields: message keys.
 * @param nothing what is said where a field holds nothing: message keys; else "nothing".
 * @returns a line for each field: its name, what is saved, and which of the two the form shows.
 */
export function changedTexts<Field extends string>(
  t: Messages,
  labels: Readonly<Record<Field, string>>,
  changed: readonly ChangedField<Field>[],
  nothing: Readonly<Record<string, string>> = {},
): string[] {
  return changed.map(({ field, now, isTaken }) => {
    const value = wordsOf(t, now) || t.text(nothing[field] ?? 'own-app-form.nothing');
    const values = { field: t.text(labels[field]), value };
    return t.text(isTaken ? 'own-app-form.change-taken' : 'own-app-form.change-kept', values);
  });
}

function wordsOf(t: Messages, value: Value): string {
  if (typeof value === 'boolean') return t.text(value ? 'own-server.yes' : 'own-server.no');
  return typeof value === 'string' ? value : value.map((one) => scopeOr(t, one)).join(', ');
}

function scopeOr(t: Messages, one: string): string {
  const scope = scopes.find(({ scope }) => scope === one);
  return scope === undefined ? one : scopeWords(scope, t.locale);
}
