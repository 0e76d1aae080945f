/** The people with an account at the platform of the tests. */

import { randomUUID } from 'node:crypto';

/** Somebody with an account there. */
export interface PlatformPerson {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly password: string;
}

/** @returns a new set of people, who can be added and found by what they type in. */
export function demoPeople() {
  const all: PlatformPerson[] = [];
  return {
    add: (change: Partial<PlatformPerson> = {}): PlatformPerson => {
      const id = randomUUID();
      const person = {
        id,
        email: `${id}@console.test`,
        name: 'Pat Doe',
        password: `their own ${id}`,
        ...change,
      };
      all.push(person);
      return person;
    },
    find: (email: string, password: string) =>
      all.find((one) => one.email === email && one.password === password),
  };
}
