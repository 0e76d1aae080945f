/**
 * What a choice would allow, in words: the sentence about the consent that submitting it would make.
 *
 * @module
 */

import { isEmpty } from '../../catalogue/scope-set.ts';
import { type Choice, picksOf } from '../../consent/choice.ts';
import { ConsentRefusedError } from '../../consent/consent-refused-error.ts';
import { mostEntries } from '../../consent/entry-limit.ts';
import type { BaseRequest, PageBase } from '../../consent/page-base.ts';
import type { SubmittedConsent } from '../../consent/record.ts';
import { previewConsent } from '../../consent/sentence.ts';
import type { Messages } from '../../lib/messages.ts';
import { sentenceText } from '../../sentence/sentence-text.ts';
import type { Db } from '../../storage/engine/database.ts';
import { openidWords, refusedWords } from './consent-words.ts';

/** @returns the choice as it is recorded; the caller adds where it came from. */
export function submittedOf(
  { accountId, clientId, asked, preselection, addressed }: BaseRequest,
  base: PageBase,
  choice: Choice,
): SubmittedConsent {
  const decided = base.asked.scopes;
  const picks = picksOf(choice, decided, accountId);
  const { shown, lifetime } = choice;
  const isSingle = preselection?.isSingle;
  return { accountId, clientId, asked, decided, picks, shown, lifetime, isSingle, addressed };
}

/** @returns the sentence; or why the choice would be refused. */
export async function summaryText(
  db: Db,
  t: Messages,
  request: BaseRequest,
  base: PageBase,
  choice: Choice,
): Promise<string> {
  try {
    const sentence = await previewConsent(db, submittedOf(request, base, choice));
    if (isEmpty(base.asked.scopes) && sentence.powers.length === 0) return identityText(t, base);
    return sentenceText(sentence, base.application.name, t);
  } catch (error) {
    if (!(error instanceof ConsentRefusedError)) throw error;
    if (base.confines !== undefined && base.confines.resource === undefined) {
      return t.text('consent-page.gives-no-access', { application: base.application.name });
    }
    if (error.code === 'nothing_picked') return nothingText(t, base, choice);
    return t.text(refusedWords[error.code].key, { most: mostEntries });
  }
}

/** Where nothing but who the user is was asked. */
function identityText(t: Messages, { application, asked }: PageBase): string {
  const items = asked.openid.map((name) => t.text(openidWords[name] ?? 'consent-page.openid'));
  const values = { application: application.name, items: t.list(items) };
  return t.text('consent-page.gives-identity', values);
}

/** What is still to be chosen for anything to be allowed. */
function nothingText(t: Messages, { application }: PageBase, { scopes, picks }: Choice): string {
  const isPicked = picks.length > 0;
  const isTicked = !isEmpty(scopes) || picks.some(({ own }) => own !== undefined && !isEmpty(own));
  const lacking = { application: application.name };
  if (isPicked && isTicked) return t.text('consent-page.gives-nothing-there', lacking);
  if (isPicked) return t.text('consent-page.gives-nothing-what', lacking);
  return t.text(
    isTicked ? 'consent-page.gives-nothing-where' : 'consent-page.gives-nothing',
    lacking,
  );
}
