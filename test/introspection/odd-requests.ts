/** Introspection requests of every kind, right, wrong and odd, in a world of `odd-world.ts`. */

import fc from 'fast-check';
import type { OddWorld } from './odd-world.ts';
import type { Sent } from './two-ways.ts';

type Encode = (text: string) => string;

const everyByte: Encode = (text) =>
  Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
const asForm: Encode = (text) => new URLSearchParams({ '': text }).toString().slice(1);

/** Ways to write a value into a form, the usual one most. */
const encodings = fc.oneof(
  { weight: 12, arbitrary: fc.constant(asForm) },
  { weight: 4, arbitrary: fc.constant<Encode>((text) => encodeURIComponent(text.toWellFormed())) },
  { weight: 2, arbitrary: fc.constant(everyByte) },
  { weight: 2, arbitrary: fc.constant<Encode>((text) => everyByte(text).toUpperCase()) },
  { weight: 1, arbitrary: fc.constant<Encode>((text) => text) },
  { weight: 1, arbitrary: fc.constant<Encode>((text) => encodeURIComponent(asForm(text))) },
);

/** Ways to write id and secret into the header: RFC 6749 section 2.3.1, and what people do. */
const basics = fc.oneof(
  { weight: 12, arbitrary: fc.constant(basicOf(asForm)) },
  { weight: 3, arbitrary: fc.constant(basicOf((text) => encodeURIComponent(text))) },
  { weight: 3, arbitrary: fc.constant(basicOf((text) => text)) },
  { weight: 2, arbitrary: fc.constant(basicOf(everyByte)) },
  { weight: 1, arbitrary: fc.constant(basicOf(asForm, 'basic ')) },
  { weight: 1, arbitrary: fc.constant(basicOf(asForm, 'BASIC ')) },
  { weight: 1, arbitrary: fc.constant(basicOf(asForm, 'Basic  ')) },
  { weight: 1, arbitrary: fc.constant(basicOf(asForm, 'Basic\t')) },
  { weight: 1, arbitrary: fc.constant(basicOf(asForm, 'Basic', 'base64')) },
  { weight: 1, arbitrary: fc.constant(basicOf((text) => text, 'Basic ', 'base64', 'latin1')) },
  { weight: 1, arbitrary: fc.constant(basicOf(asForm, 'Basic ', 'base64url')) },
  {
    weight: 1,
    arbitrary: fc.constant((id: string, secret: string) => `${basicOf(asForm)(id, secret)}=`),
  },
  {
    weight: 1,
    arbitrary: fc.constant((id: string) => `Basic ${Buffer.from(id).toString('base64')}`),
  },
);

function basicOf(
  encode: Encode,
  scheme = 'Basic ',
  form: 'base64' | 'base64url' = 'base64',
  bytes: 'utf8' | 'latin1' = 'utf8',
) {
  return (id: string, secret: string) =>
    `${scheme}${Buffer.from(`${encode(id)}:${encode(secret)}`, bytes).toString(form)}`;
}

const otherHeaders = [
  'Bearer abc',
  'Basic',
  'Basic not-base64!',
  'Basic Og==',
  'Digest x',
  '',
  ' ',
];
const contentTypes = [
  ...[
    'application/x-www-form-urlencoded; charset=utf-8',
    'application/x-www-form-urlencoded;charset=UTF-8',
  ],
  ...['APPLICATION/X-WWW-FORM-URLENCODED', 'application/x-www-form-urlencoded; charset="utf-8"'],
  ...[
    'application/x-www-form-urlencoded; charset=iso-8859-1',
    'application/x-www-form-urlencoded;',
  ],
  ...[
    'application/x-www-form-urlencoded; charset=nonsense',
    'application/x-www-form-urlencoded, x',
  ],
  ...['application/json', 'text/plain', 'multipart/form-data; boundary=x', ''],
];

/** Where the credentials stand. */
const credentialPlaces = fc.oneof(
  { weight: 12, arbitrary: fc.constant('header' as const) },
  { weight: 6, arbitrary: fc.constant('body' as const) },
  { weight: 1, arbitrary: fc.constant('both' as const) },
  { weight: 1, arbitrary: fc.constant('header, id in the body too' as const) },
  { weight: 1, arbitrary: fc.constant('header, another id in the body' as const) },
  { weight: 1, arbitrary: fc.constant('id alone' as const) },
  { weight: 1, arbitrary: fc.constant('nowhere' as const) },
);

type Pair = readonly [name: string, value: string];

const hints = ['access_token', 'refresh_token', 'nonsense', ''];
const actions = ['database:read_branches', 'read_branches none', 'x y', ' ', '', 'x'.repeat(1_001)];
const extras: readonly Pair[] = [
  ...[['foo', 'bar'] as const, ['', ''] as const, ['', 'x'] as const, ['__proto__', 'x'] as const],
  ...[['Token', 'x'] as const, ['token[]', 'x'] as const, ['resource[0]', 'user'] as const],
  ...[['client_assertion', 'x'] as const, ['client_assertion_type', 'y'] as const],
  ...[['token', 'again'] as const, ['token', ''] as const, ['resource', 'user'] as const],
  ...[['resource', ''] as const, ['client_id', 'demo-api'] as const, ['client_id', ''] as const],
  ...[['action', 'database:read_branches'] as const, ['action', ''] as const],
  ...[['client_secret', ''] as const, ['token_type_hint', 'access_token'] as const],
];

const anyText = fc.string({ unit: 'binary', maxLength: 40 });

/** Bytes beside the pairs, which a form may hold. */
const rawParts = [
  '',
  '&',
  '&&',
  '=',
  '%',
  '%zz',
  '%ff',
  '%c3%28',
  '\xff',
  '\xef\xbb\xbf',
  'ü',
  ';',
  '\r\n',
];

/** Undefined, but for one case in `cases`. */
function oneIn<T>(cases: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  const usual = { weight: cases - 1, arbitrary: fc.constant(undefined) };
  return fc.oneof(usual, { weight: 1, arbitrary });
}

/** Requests in a world, the plain ones most. */
export function oddRequests({ tokens, resources, askers }: OddWorld): fc.Arbitrary<Sent> {
  const [lives, rightAskers, places] = [12, 9, 11];
  const pick = <T>(list: readonly T[], first: number) =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...list.slice(0, first)) },
      { weight: 1, arbitrary: fc.constantFrom(...list) },
    );
  const rarely = <T>(list: readonly T[]) => oneIn(12, fc.constantFrom(...list));
  return fc
    .record({
      asker: pick(askers, rightAskers),
      credentials: credentialPlaces,
      basic: basics,
      header: rarely(otherHeaders),
      token: fc.option(
        fc.oneof({ weight: 12, arbitrary: pick(tokens, lives) }, { weight: 1, arbitrary: anyText }),
        { nil: undefined, freq: 40 },
      ),
      resource: fc.option(pick(resources, places), { nil: undefined, freq: 2 }),
      hint: rarely(hints),
      action: oneIn(4, fc.constantFrom(...actions)),
      extra: oneIn(9, fc.oneof(fc.constantFrom(...extras), fc.tuple(anyText, anyText))),
      raw: rarely(rawParts),
      encode: encodings,
      encodeNames: oneIn(20, fc.constant(everyByte)),
      order: fc.infiniteStream(fc.nat(1_000)),
      contentType: rarely(contentTypes),
      noContentType: oneIn(60, fc.constant(true)),
      accept: fc.constantFrom('*/*', 'application/json', undefined),
    })
    .map(({ asker: [id, secret], credentials, encode, encodeNames, order, raw, ...rest }) => {
      const isInHeader = credentials === 'both' || credentials.startsWith('header');
      const pairs: Pair[] = [];
      if (rest.token !== undefined) pairs.push(['token', rest.token]);
      if (rest.resource !== undefined) pairs.push(['resource', rest.resource]);
      if (rest.action !== undefined) pairs.push(['action', rest.action]);
      if (rest.hint !== undefined) pairs.push(['token_type_hint', rest.hint]);
      if (rest.extra !== undefined) pairs.push(rest.extra);
      if (/^(body|both|id alone)$|id in the body too/.test(credentials))
        pairs.push(['client_id', id]);
      if (credentials.endsWith('another id in the body')) pairs.push(['client_id', 'demo-cli']);
      if (/^(body|both)$/.test(credentials)) pairs.push(['client_secret', secret]);
      const written = pairs
        .map(([name, value]) => ({
          place: order.next().value ?? 0,
          text: `${(encodeNames ?? asForm)(name)}=${encode(value)}`,
        }))
        .toSorted((one, other) => one.place - other.place)
        .map(({ text }) => text);
      if (raw !== undefined) written.push(raw);
      return {
        authorization: (
          rest.header ?? (isInHeader ? rest.basic(id, secret) : undefined)
        )?.trimEnd(),
        contentType: rest.noContentType
          ? undefined
          : (rest.contentType ?? 'application/x-www-form-urlencoded'),
        accept: rest.accept,
        body: Buffer.from(written.join('&'), 'latin1'),
      };
    });
}
