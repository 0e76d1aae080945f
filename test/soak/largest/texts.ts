/** Texts of a size, and the worst to read of that size. */

export const kilobyte = 1024;

/** As many members as fit. */
export function members(bytes: number): string {
  return `{${fill(bytes, (n) => `"${n.toString(36)}":0`, ',')}}`;
}

export function nested(bytes: number, open: string, close: string): string {
  const depth = Math.floor(bytes / (open.length + close.length)) - 1;
  return `${open.repeat(depth)}0${close.repeat(depth)}`;
}

export function fill(bytes: number, piece: (n: number) => string, between: string): string {
  const pieces: string[] = [];
  let size = 2;
  for (let n = 0; ; n++) {
    const next = piece(n);
    size += next.length + between.length;
    if (size > bytes) return pieces.join(between);
    pieces.push(next);
  }
}

/** Bodies of JSON that cost most for their size. */
export const worstJson = (bytes: number): [what: string, body: string][] => [
  ['members', members(bytes)],
  ['nested lists', nested(bytes, '[', ']')],
  ['nested objects', nested(bytes, '{"a":', '}')],
  ['one text', JSON.stringify({ name: '\u0000'.repeat(bytes / 6 - 20) })],
  ['a list', `{"scopes":[${fill(bytes - 20, () => '{}', ',')}]}`],
];

export const worstForms = (bytes: number): [what: string, body: string][] => [
  [
    'fields',
    fill(bytes, (n) => `${n.toString(36)}=`, '&')
      .split('&')
      .slice(0, 9_999)
      .join('&'),
  ],
  ['one field', `name=${'%41'.repeat((bytes - 10) / 3)}`],
  ['spaces', `scope=${'+'.repeat(bytes - 10)}`],
];

/** Parameters that are all different. */
export const query = (bytes = 14 * kilobyte) => `?${fill(bytes, (n) => `${n.toString(36)}=`, '&')}`;

/** One parameter, many times. */
export const repeated = `?${'a&'.repeat(7 * kilobyte)}`;
