/**
 * The sentence in the reader's language; texts in `views/messages/<language>/consent-sentence.json`.
 *
 * @module
 */

import type { Messages } from '../lib/messages.ts';
import type { ConsentSentence, Exclusion, Power, PowerOn } from './consent-sentence.ts';

/** At most so many resources are named; of more, how many they are. */
const mostNames = 3;

/** Whether the consent is still to be given, or has been. */
type Given = 'will' | 'now';

/**
 * @param application its name.
 * @returns plain text, one sentence about what it can do and one for each thing that it cannot.
 */
export function sentenceText(
  { powers, exclusions }: ConsentSentence,
  application: string,
  messages: Messages,
  given: Given = 'will',
): string {
  const { nothing, some } = leads[given];
  const can =
    powers.length === 0
      ? messages.text(nothing, { application })
      : messages.text(some, {
          application,
          powers: messages.list(powers.map((power) => powerText(power, messages))),
        });
  const cannot = exclusions.map((exclusion) => messages.text(exclusionKey(exclusion)));
  return [can, ...cannot].join(' ');
}

const leads = {
  will: { nothing: 'consent-sentence.nothing', some: 'consent-sentence.can' },
  now: { nothing: 'consent-sentence.nothing-now', some: 'consent-sentence.can-now' },
} as const;

const powerKeys = {
  secrets: 'consent-sentence.secrets',
  delete: 'consent-sentence.delete',
  people: 'consent-sentence.people',
  change: 'consent-sentence.change',
  see: 'consent-sentence.see',
} as const;

function powerText({ effect, resources }: Power, messages: Messages): string {
  const named = resources.slice(0, mostNames).map((one) => nameText(one, messages));
  const more = resources.length - named.length;
  const list = messages.list(
    more === 0 ? named : [...named, messages.text('consent-sentence.more', { count: more })],
  );
  return messages.text(powerKeys[effect], { resources: list });
}

function nameText({ level, path, reachesProduction }: PowerOn, messages: Messages): string {
  if (level === 'user') return messages.text('consent-sentence.account');
  if (level === 'branch' || !reachesProduction) return path;
  return messages.text('consent-sentence.with-production', { name: path });
}

const exclusionKeys: Readonly<Record<Exclusion['until'], Readonly<Record<string, string>>>> = {
  never: {
    production: 'consent-sentence.never-production',
    changes: 'consent-sentence.never-changes',
    delete: 'consent-sentence.never-delete',
  },
  role: {
    production: 'consent-sentence.role-production',
    secrets: 'consent-sentence.role-secrets',
    delete: 'consent-sentence.role-delete',
    people: 'consent-sentence.role-people',
    change: 'consent-sentence.role-change',
  },
  policy: {
    production: 'consent-sentence.policy-production',
    secrets: 'consent-sentence.policy-secrets',
    delete: 'consent-sentence.policy-delete',
    people: 'consent-sentence.policy-people',
    change: 'consent-sentence.policy-change',
  },
};

function exclusionKey({ what, until }: Exclusion): string {
  const key = exclusionKeys[until][what];
  if (key === undefined) throw new Error(`no text for ${until} ${what}`);
  return key;
}
