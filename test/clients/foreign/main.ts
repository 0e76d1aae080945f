/** Prints one line per client and `N of N` at the end; the exit code is 1 if one failed. */

import { type Outcome, runClient } from './client.ts';
import { foreignClients } from './clients.ts';
import { createPerson } from './person.ts';
import { startUsher } from './usher.ts';

const wanted = process.argv.slice(2);
const clients = foreignClients.filter(
  ({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)),
);
const usher = await startUsher();
const outcomes: Outcome[] = [];
try {
  for (const client of clients) {
    const person = createPerson(usher.issuer, 'dba@acme.test');
    const outcome = await runClient(client, usher, person);
    outcomes.push(outcome);
    const why = outcome.result === 'passed' ? '' : `: ${outcome.why.trim()}`;
    console.log(`${outcome.result} ${client.name}${why}`);
  }
} finally {
  await usher.stop();
}
const passed = outcomes.filter(({ result }) => result === 'passed').length;
const skipped = outcomes.filter(({ result }) => result === 'skipped').length;
const note = skipped === 0 ? '' : ` (${skipped} skipped)`;
console.log(`${passed} of ${outcomes.length - skipped}${note}`);
process.exitCode = passed + skipped === outcomes.length && passed > 0 ? 0 : 1;
