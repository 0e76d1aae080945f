/**
 * Reads the files of a catalogue: that each is there, is JSON, and has its form.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Fault, printPath, unknownName } from './faults.ts';
import {
  type FileName,
  type Files,
  files,
  largest,
  optionalFiles,
  type PlatformWords,
  wordsFile,
} from './files.ts';

/** What was read. Of a file with faults, `files` has what is well formed, if anything is. */
export interface ReadFiles {
  readonly files: Partial<Files>;
  /** By language; that of `words.en.json`, where there is one, comes first. */
  readonly words: ReadonlyMap<string, PlatformWords>;
  readonly faults: readonly Fault[];
  /** Names of scopes and permissions whose own rows have faults: naming them is no second fault. */
  readonly faultyNames: ReadonlySet<string>;
}

/** Reads every file of a catalogue's directory. */
export function readFiles(directory: string): ReadFiles {
  const faults: Fault[] = [];
  const read: Record<string, unknown> = {};
  const faultyNames = new Set<string>();
  const words = new Map<string, PlatformWords>();
  for (const file of [...Object.keys(files), ...otherWords(directory)]) {
    const found = readOne(directory, file);
    faults.push(...found.faults);
    const language = wordsFile.exec(file)?.[1];
    if (language !== undefined && found.content !== undefined) {
      words.set(language, found.content as PlatformWords);
    }
    if (found.content !== undefined && file in files) read[file] = found.content;
    for (const name of found.faultyNames ?? []) faultyNames.add(name);
  }
  return { files: read as Partial<Files>, words, faults, faultyNames };
}

/** The files of words in other languages; a directory that cannot be read has none. */
function otherWords(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => wordsFile.test(name) && !(name in files));
  } catch {
    return [];
  }
}

/** What was read of one file; without `content` when nothing of it is well formed. */
export interface ReadFile<Content> {
  readonly content?: Content;
  readonly faults: readonly Fault[];
  readonly faultyNames?: readonly string[];
}

function readOne(directory: string, file: string): ReadFile<unknown> {
  const isOptional = optionalFiles.some((name) => name === file) && existsSync(directory);
  const path = join(directory, file);
  if (isOptional && !existsSync(path)) return { faults: [] };
  const form: z.ZodType = files[file as FileName] ?? files['words.en.json'];
  return readJson(path, file, form);
}

/**
 * @param file what the file is called in faults.
 * @param restForm the form of what is left when the parts with faults are taken out.
 */
export function readJson<Content>(
  path: string,
  file: string,
  form: z.ZodType<Content>,
  restForm: z.ZodType<Content> = form,
): ReadFile<Content> {
  const whole = (message: string) => ({ faults: [{ file, path: '', message }] });
  let bytes: Buffer;
  try {
    const { size } = statSync(path);
    if (size > largest.fileBytes) {
      return whole(`is ${size} bytes long; ${largest.fileBytes} are the most`);
    }
    bytes = readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return whole(code === 'ENOENT' ? 'is missing' : `cannot be read (${code})`);
  }
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const isText = error instanceof SyntaxError;
    return whole(isText ? `is not JSON: ${error.message}` : 'is not UTF-8');
  }
  const checked = form.safeParse(json);
  if (checked.success) return { content: checked.data, faults: [] };
  const { issues } = checked.error;
  const faultyNames = removeFaulty(json, issues);
  const faults = issues.flatMap((issue) => toFaults(file, form, issue));
  const rest = restForm.safeParse(json).data;
  return { ...(rest !== undefined && { content: rest }), faults, faultyNames };
}

/** Takes what has a fault out, so that the rest can be checked. @returns the names of what is gone. */
function removeFaulty(json: unknown, issues: readonly z.core.$ZodIssue[]): string[] {
  const rows = new Map<unknown[], Set<unknown>>();
  const names: string[] = [];
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) removeKey(valueAt(json, issue.path), key);
      continue;
    }
    const at = issue.path.findIndex((step) => typeof step === 'number');
    const list = at < 0 ? undefined : valueAt(json, issue.path.slice(0, at));
    if (Array.isArray(list)) {
      const row = valueAt(json, issue.path.slice(0, at + 1));
      rows.set(list, (rows.get(list) ?? new Set()).add(row));
      names.push(...nameOf(row));
    } else if (issue.path.length > 0) {
      const key = String(issue.path.at(-1));
      removeKey(valueAt(json, issue.path.slice(0, -1)), key);
      if (issue.path.length > 1) names.push(key);
    }
  }
  for (const [list, faulty] of rows) {
    list.splice(0, list.length, ...list.filter((row) => !faulty.has(row)));
  }
  return names;
}

function removeKey(owner: unknown, key: string): void {
  if (typeof owner === 'object' && owner !== null) Reflect.deleteProperty(owner, key);
}

function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined,
    json,
  );
}

function nameOf(row: unknown): string[] {
  return [valueAt(row, ['scope']), valueAt(row, ['id'])].filter((name) => typeof name === 'string');
}

function toFaults(file: string, form: z.ZodType, issue: z.core.$ZodIssue): Fault[] {
  const path = printPath(issue.path);
  if (issue.code !== 'unrecognized_keys') return [{ file, path, message: issue.message }];
  const known = keysAt(form, issue.path);
  return issue.keys.map((key) => ({ file, path, message: unknownName('property', key, known) }));
}

/** The keys that an object at a path may have. */
function keysAt(form: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: unknown = form;
  for (const step of path) {
    if (at instanceof z.ZodArray && typeof step === 'number') at = at.element;
    else if (at instanceof z.ZodObject) at = at.shape[String(step)];
    else return [];
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}
