/**
 * Questions as the arrays that a statement of token-facts.ts takes them as.
 *
 * @module
 */

import { sha256 } from '../../lib/secrets.ts';
import { digestArray, wholeArray } from '../engine/binary-arrays.ts';
import type { TokenQuestion } from './token-facts.ts';

/** @returns $1 to $4: the tokens, the numbers of the askers, and the askers with their secrets. */
export function questionArrays(questions: readonly TokenQuestion[]): unknown[] {
  const numbers = new Map<string, number>();
  const askers: Pick<TokenQuestion, 'asker' | 'secret'>[] = [];
  let last = 0;
  const numberOf = ({ asker, secret }: TokenQuestion) => {
    const before = askers[last - 1];
    if (before !== undefined && before.asker === asker && before.secret === secret) return last;
    const key = `${secret}\n${asker}`;
    last = numbers.get(key) ?? askers.push({ asker, secret });
    numbers.set(key, last);
    return last;
  };
  return [
    digestArray(questions.map(({ tokenDigest }) => tokenDigest)),
    wholeArray(questions.map(numberOf)),
    askers.map(({ asker }) => asker ?? null),
    askers.map(({ secret }) => (secret === undefined ? null : sha256(secret))),
  ];
}
