/**
 * What is wrong with a field, in words that complete "The field ...". A schema with words of its own
 * keeps them.
 *
 * @module
 */

import type { z } from 'zod';

type Issue = z.core.$ZodRawIssue;

/** An error map, as a parse takes it; undefined leaves the library's words. */
export function fieldMessage(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? 'is required'
        : `must be ${types[issue.expected] ?? 'other'}`;
    case 'invalid_value':
      return oneOf(issue.values);
    case 'invalid_union':
      return oneOf((issue['options'] as unknown[] | undefined) ?? []);
    case 'too_small':
      return sized(issue.origin, 'at least', Number(issue.minimum));
    case 'too_big':
      return sized(issue.origin, 'at most', Number(issue.maximum));
    case 'invalid_format':
      return issue.format === 'datetime'
        ? 'must be a time such as 2026-11-26T09:30:00Z'
        : 'has not the form that it must have';
    default:
      return undefined;
  }
}

const types: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

function oneOf(values: readonly unknown[]): string {
  const shown = values.map((value) => JSON.stringify(value)).join(', ');
  return values.length === 1 ? `must be ${shown}` : `must be one of ${shown}`;
}

function sized(origin: string, bound: string, size: number): string {
  if (origin !== 'number' && bound === 'at least' && size === 1) return 'must not be empty';
  if (origin === 'string') return `must have ${bound} ${size} characters`;
  return origin === 'array' ? `must hold ${bound} ${size} items` : `must be ${bound} ${size}`;
}
