/**
 * What is said of each change of a team, by the keys of the messages.
 *
 * @module
 */

/** The question over what it changes. */
export const titleTexts = {
  'add-member': 'team.title-add-member',
  'remove-member': 'team.title-remove-member',
  'add-database': 'team.title-add-database',
  'remove-database': 'team.title-remove-database',
  delete: 'team.title-delete',
} as const;

/** The button that does it. */
export const submitTexts = {
  'add-member': 'team.submit-add-member',
  'remove-member': 'team.submit-remove-member',
  'add-database': 'team.submit-add-database',
  'remove-database': 'team.submit-remove-database',
  delete: 'team.submit-delete',
} as const;

/** What was done. */
export const doneTexts = {
  'add-member': 'team.done-add-member',
  'remove-member': 'team.done-remove-member',
  'add-database': 'team.done-add-database',
  'remove-database': 'team.done-remove-database',
  delete: 'team.done-delete',
} as const;
