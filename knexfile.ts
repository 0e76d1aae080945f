/** For the knex command line: the migrations against DATABASE_URL. Usher's own `npm run migrate` needs no such file. */

export default {
  client: 'pg',
  connection: process.env['DATABASE_URL'],
  migrations: { directory: './migrations', extension: 'ts' },
};
