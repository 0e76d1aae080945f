/** Functions stay small enough to be seen as a whole. */

import { join, relative } from 'node:path';
import { isFunctionLikeDeclaration, type Node, type SourceFile } from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const src = join(root, 'src');
const mostLines = 50;

interface Measured {
  /** `path:line` where it begins, without what is said above it. */
  readonly at: string;
  readonly lines: number;
}

test(`no function of src has more than ${mostLines} lines`, () => {
  const functions = sourceFiles().flatMap(functionsOf);
  expect(functions.length).toBeGreaterThan(1000);
  expect(functions.filter(({ lines }) => lines > mostLines)).toEqual([]);
});

function sourceFiles(): SourceFile[] {
  using api = opened();
  return api.files();
}

/** The compiler reads the files of the project, as `tsc` does. */
function opened() {
  const api = new API({ cwd: root });
  const [project] = api
    .updateSnapshot({ openProjects: [join(root, 'tsconfig.json')] })
    .getProjects();
  const files = () =>
    (project?.program.getSourceFileNames() ?? [])
      .filter((name) => name.startsWith(`${src}/`))
      .flatMap((name) => project?.program.getSourceFile(name) ?? []);
  return { files, [Symbol.dispose]: () => api.close() };
}

function functionsOf(file: SourceFile): Measured[] {
  const found: Measured[] = [];
  const visit = (node: Node): void => {
    if (isFunctionLikeDeclaration(node)) found.push(measure(file, node));
    node.forEachChild(visit);
  };
  file.forEachChild(visit);
  return found;
}

function measure(file: SourceFile, node: Node): Measured {
  const first = file.getLineAndCharacterOfPosition(node.getStart(file)).line;
  const last = file.getLineAndCharacterOfPosition(node.end).line;
  return { at: `${relative(root, file.fileName)}:${first + 1}`, lines: last - first + 1 };
}
