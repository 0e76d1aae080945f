/**
 * A row as one line of text: of rows with thirty columns and a few bytes in each, the columns are
 * most of what the driver has to do.
 *
 * What is null in the database is empty in a line, and so is a text without characters. No value
 * holds the character between two of them: ids, slugs, addresses and scopes are visible characters,
 * and JSON escapes it. A line that had it all the same is refused, not read wrongly.
 *
 * @module
 */

import { StoredDataError } from '../lib/errors.ts';

/** The unit separator of ASCII. */
const separator = '\x1f';

/** The columns of a row by name, as PostgreSQL prints them within a text: true is `t`. */
export type Line<Name extends string> = Readonly<Record<Name, string>>;

/** What the database gives of a row. */
export interface WrittenLine {
  readonly line: string;
}

/** How a statement writes lines, and how they are read. */
export interface LineForm<Name extends string> {
  /** To be selected; the column's name is `line`. */
  readonly sql: string;
  /** @throws {StoredDataError} the line has not as many parts as there are columns. */
  read(line: string): Line<Name>;
}

/** @param columns what each is in SQL, by name; 50 at most, for that is what `concat` takes. */
export function lineForm<Name extends string>(
  columns: Readonly<Record<Name, string>>,
): LineForm<Name> {
  const parts = Object.values<string>(columns);
  const Columns = columnsOf(Object.keys(columns));
  return {
    sql: `concat(${parts.join(`, E'\\x1f', `)}) as line`,
    read(line) {
      const values = line.split(separator);
      if (values.length !== parts.length) {
        throw new StoredDataError(`a row has ${values.length} parts instead of ${parts.length}`);
      }
      return new Columns(values) as Line<Name>;
    },
  };
}

/** A class whose instances have the values of a line by name, without a copy of each. */
function columnsOf(names: readonly string[]): new (values: readonly string[]) => object {
  class Columns {
    readonly values: readonly string[];
    constructor(values: readonly string[]) {
      this.values = values;
    }
  }
  for (const [at, name] of names.entries()) {
    Object.defineProperty(Columns.prototype, name, {
      get(this: Columns) {
        return this.values[at];
      },
    });
  }
  return Columns;
}
