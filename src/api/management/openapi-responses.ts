/**
 * The answers of a route in the OpenAPI document: the good one, and each problem that it can have.
 *
 * @module
 */

import { conflict, forbidden, invalid } from '../../organizations/refusals.ts';
import { answerName, json } from './openapi-names.ts';
import { describeId, namesIn } from './path-parameters.ts';
import { ProblemError, type ProblemName, problemBody, problems, reasons } from './problems.ts';
import { isLook, type Route } from './route.ts';

type Json = Readonly<Record<string, unknown>>;

/** The `responses` of an operation. */
export function responses(route: Route): Json {
  const names = problemsOf(route);
  const codes = [...new Set(names.map((name) => problems[name][0]))].toSorted((a, b) => a - b);
  const bad = codes.map((code) => [code, problemAnswer(code, names, route)]);
  const head = {
    431: { description: 'The head of the request is larger than any that is accepted.' },
  };
  const known = isLook(route) ? { 304: { description: 'It is still as it was read.' } } : {};
  return {
    [route.status ?? 200]: goodAnswer(route),
    ...known,
    ...Object.fromEntries(bad),
    ...head,
  };
}

function goodAnswer(route: Route): Json {
  const { status = 200, answer, file } = route;
  if (file !== undefined) {
    return {
      description: 'The file.',
      content: Object.fromEntries(file.map((type) => [type, {}])),
    };
  }
  if (answer === undefined) return { description: 'Done.' };
  const replayed = header('`true`: it was done before, under the same key.');
  const headers = {
    ETag: header('Of what is shown; `If-Match` takes it.'),
    ...(status === 201 ? { 'Idempotency-Replayed': replayed } : {}),
  };
  return json(answerName(route), { description: 'Done.', headers });
}

const usual: readonly ProblemName[] = [
  'unauthenticated',
  'forbidden',
  'not-found',
  'invalid',
  'unavailable',
  'precondition-failed',
];

function problemsOf(route: Route): ProblemName[] {
  const { address, scopes, isForPlatform, status, body, line, conflicts = [] } = route;
  const names = [...usual];
  if (scopes.length > 0) names.push('insufficient-scope');
  if (!address.startsWith('GET ') && !isForPlatform) names.push('cross-site');
  if (body !== undefined || line !== undefined) names.push('unsupported-media-type');
  if (body !== undefined) names.push('unreadable', 'too-large');
  if (route.isLimited) names.push('too-often');
  if (conflicts.length > 0) names.push('conflict');
  if (takesLooseName(route)) names.push('precondition-required');
  if (status === 201) names.push('idempotency-key-reused');
  return names;
}

/** A deletion whose address may have a slug. */
function takesLooseName({ address }: Route): boolean {
  return (
    address.startsWith('DELETE ') && namesIn(address).some((name) => describeId(name).takesSlug)
  );
}

/** What the headers of a problem say, where it has any. */
const problemHeaders: Readonly<Record<number, Json>> = {
  401: { 'WWW-Authenticate': header('RFC 6750 section 3.') },
  429: { 'Retry-After': header('Seconds.') },
  503: { 'Retry-After': header('Seconds.') },
};

function header(description: string): Json {
  return { description, schema: { type: 'string' } };
}

function problemAnswer(code: number, names: readonly ProblemName[], route: Route): Json {
  const { conflicts = [] } = route;
  const here = names.filter((name) => problems[name][0] === code);
  const because = here.includes('conflict')
    ? conflicts.map((reason) => `\`${reason}\`: ${reasons[reason]}`)
    : [];
  const examples = here.map((name) => [name, { value: problemExample(name, route) }]);
  const schema = { $ref: '#/components/schemas/Problem' };
  const headers = problemHeaders[code];
  return {
    description: [...here.map((name) => `${problems[name][1]}.`), ...because].join(' '),
    ...(headers === undefined ? {} : { headers }),
    content: { 'application/problem+json': { schema, examples: Object.fromEntries(examples) } },
  };
}

/** What the server would say, by the same function. */
function problemExample(name: ProblemName, { conflicts = [] }: Route): Json {
  const { body } = problemBody(sampleOf(name, conflicts));
  const said = Object.entries(body).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(said), request_id: '5b0e7a0c-0d5e-4b43-9f0c-6f3a4f0a9f51' };
}

function sampleOf(name: ProblemName, [reason]: NonNullable<Route['conflicts']>): Error {
  if (name === 'conflict' && reason !== undefined) return conflict(reason);
  if (name === 'forbidden') return forbidden('role');
  if (name === 'invalid') return invalid({ field: 'nonsense', message: 'is not known here' });
  return new ProblemError(name);
}
