/**
 * The columns of a row, each declared once: its SQL and what its value is.
 *
 * What a statement selects, how its rows are read, and what TypeScript takes them for follow from the
 * same declaration. Each column is cast to the type that it is declared as, so it cannot be read as
 * another.
 *
 * A row travels as one text: its values with a control character between them, and of rows within a
 * row other ones at each depth. Of rows with thirty columns and a few bytes in each, a column of its
 * own for each value is most of what the driver has to do, and JSON twice the work for both sides. No
 * value holds such a character: ids, slugs, addresses and scopes are visible. A row that had one all
 * the same has too many values, and is refused.
 *
 * @module
 */

import { StoredDataError } from '../../lib/errors.ts';

declare const value: unique symbol;

/** One column. */
export interface Column<Value> {
  /** @returns SQL for the value as text at that depth, `nothing` where the database has null. */
  readonly sql: (depth: number) => string;
  /** Makes the value out of text that is not `nothing`. */
  readonly read: (written: string, depth: number) => unknown;
  /** Never there: it carries the type. */
  readonly [value]?: Value;
}

/** Columns by the names that they have in a row. */
export type Columns = Readonly<Record<string, Column<unknown>>>;

/** A row with these columns. Its values are getters of its class, which `{...row}` leaves behind. */
export type RowOf<Of extends Columns> = {
  readonly [Name in keyof Of]: Of[Name] extends Column<infer Value> ? Value : never;
};

/** Written for null, which is not a text without characters. */
const nothing = '\x01';

/** Between two values of a row at that depth. */
const valueEnd = (depth: number) => String.fromCharCode(0x1f - 2 * depth);

/** Between two rows at that depth. */
const rowEnd = (depth: number) => String.fromCharCode(0x1e - 2 * depth);

/** The last at which both are above the line feed and its like. */
const deepest = 8;

/** The depth of a row that is written apart from the row which it is a value of. */
const apart = deepest;

/** A text, or one of a closed list of texts where the tables have a check for it. */
export function text<Value extends string = string>(sql: string): Column<Value> {
  return { sql: () => orNothing(`(${sql})::text`), read: asWritten };
}

/** A UUID. */
export function id(sql: string): Column<string> {
  return { sql: () => orNothing(`(${sql})::uuid::text`), read: asWritten };
}

/** True or false. */
export function flag(sql: string): Column<boolean> {
  return {
    sql: () => `case (${sql})::boolean when true then 't' when false then 'f' else ${mark} end`,
    read: (written) => written === 't',
  };
}

/** A whole number of 32 bits. */
export function whole(sql: string): Column<number> {
  return number(`(${sql})::integer`);
}

/** A whole number that JavaScript holds exactly. */
export function largeWhole(sql: string): Column<number> {
  return number(`(${sql})::bigint`);
}

/** Whole seconds since 1970 of a point in time. */
export function seconds(sql: string): Column<number> {
  return number(`floor(date_part('epoch', ${sql}))::bigint`);
}

/** A duration in seconds, with fractions. */
export function duration(sql: string): Column<number> {
  return number(`date_part('epoch', ${sql})::float8`);
}

function number(sql: string): Column<number> {
  return { sql: () => orNothing(`(${sql})::text`), read: Number };
}

/** Where the database has null, so has the row. */
export function nullable<Value>(column: Column<Value>): Column<Value | null> {
  return column;
}

/** A row within a row. */
export function within<Of extends Columns>(of: Of): Column<RowOf<Of>> {
  const readAt = readers(of);
  return {
    sql: (depth) => writer(of, depth + 1),
    read: (written, depth) => readAt[depth + 1]?.(written),
  };
}

/** The rows of a query within a row; null where it gives none. */
export function rows<Of extends Columns>(
  of: Of,
  from: string,
): Column<readonly RowOf<Of>[] | null> {
  const readAt = readers(of);
  return {
    sql: (depth) =>
      orNothing(
        `(select string_agg(${writer(of, depth + 1)}, ${literal(rowEnd(depth + 1))}) ${from})`,
      ),
    read: (written, depth) =>
      written.split(rowEnd(depth + 1)).map((one) => readAt[depth + 1]?.(one)),
  };
}

/**
 * A row that another part of the statement writes: `sql` is where, and gives null for none. Many rows
 * have the same one, which is then read once.
 */
export function writtenRow<Of extends Columns>(
  sql: string,
  { read }: RowForm<Of>,
): Column<RowOf<Of> | null> {
  let last: { readonly written: WrittenRow; readonly row: RowOf<Of> } | undefined;
  return {
    sql: () => orNothing(sql),
    read(written) {
      if (last?.written !== written) last = { written, row: read(written) };
      return last.row;
    },
  };
}

/** The column where the condition holds, else null. */
export function when<Value>(condition: string, column: Column<Value>): Column<Value | null> {
  return {
    ...column,
    sql: (depth) => `case when ${condition} then ${column.sql(depth)} else ${mark} end`,
  };
}

/** The values of a row as they travel, in the order of its declaration. */
export type WrittenRow = string;

/** How a statement writes the rows of a declaration, and how they are read. */
export interface RowForm<Of extends Columns> {
  /** SQL: one value, a `WrittenRow`. */
  readonly sql: string;
  /** @throws {StoredDataError} the row has not as many values as there are columns. */
  readonly read: (written: WrittenRow) => RowOf<Of>;
}

/** @param of 99 columns at most: PostgreSQL takes no more arguments. */
export function rowForm<Of extends Columns>(of: Of): RowForm<Of> {
  return { sql: writer(of, 0), read: reader(of, 0) };
}

/** How a statement writes all its rows as one value, so that the driver has one to take apart. */
export interface RowsForm<Of extends Columns> {
  /** SQL: an aggregate; null where there is no row. */
  readonly sql: string;
  /** @throws {StoredDataError} a row has not as many values as there are columns. */
  readonly read: (written: string) => RowOf<Of>[];
}

/** As `rowForm`, of many rows. */
export function rowsForm<Of extends Columns>(of: Of): RowsForm<Of> {
  const read = reader(of, 0);
  return {
    sql: `string_agg(${writer(of, 0)}, ${literal(rowEnd(0))})`,
    read: (written) => written.split(rowEnd(0)).map(read),
  };
}

/** The form of a row that becomes a value of another one by `writtenRow`, with no rows within it. */
export function rowFormApart<Of extends Columns>(of: Of): RowForm<Of> {
  return { sql: writer(of, apart), read: reader(of, apart) };
}

const asWritten = (written: string) => written;
const literal = (character: string) =>
  `E'\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}'`;
const mark = literal(nothing);
const orNothing = (sql: string) => `coalesce(${sql}, ${mark})`;

function writer(of: Columns, depth: number): string {
  const values = Object.values(of).map(({ sql }) => sql(depth));
  return `concat_ws(${literal(valueEnd(depth))}, ${values.join(', ')})`;
}

function reader<Of extends Columns>(of: Of, depth: number): (written: WrittenRow) => RowOf<Of> {
  const Row = classOf(of, depth);
  const count = Object.keys(of).length;
  const end = valueEnd(depth);
  return (written) => {
    const values = written.split(end);
    if (values.length !== count) {
      throw new StoredDataError(`a row has ${values.length} values instead of ${count}`);
    }
    return new Row(values) as object as RowOf<Of>;
  };
}

/** Readers for each depth at which such a row may be. */
function readers<Of extends Columns>(of: Of) {
  return Array.from({ length: apart }, (_, depth) => reader(of, depth));
}

/** Rows read a value when it is asked for; their getters are the class's, so all have one hidden class. */
function classOf(of: Columns, depth: number): new (values: readonly string[]) => object {
  class Row {
    readonly values: readonly string[];
    constructor(values: readonly string[]) {
      this.values = values;
    }
  }
  for (const [at, [name, { read }]] of Object.entries(of).entries()) {
    Object.defineProperty(Row.prototype, name, {
      get(this: Row) {
        const written = this.values[at] as string;
        return written === nothing ? null : read(written, depth);
      },
    });
  }
  return Row;
}
