/**
 * Who vouches for an application. An operator does for what they verified, and for what they registered for
 * the platform itself; an organization does for its own, to its members alone, since anyone can name one
 * after somebody well known. Nobody does for what a person registered, or what registered itself.
 *
 * @module
 */

/**
 * Whether nobody vouches for an application, verification aside, to one account.
 *
 * @param row an alias of `clients`.
 * @param account SQL of the account's id; null: nobody is signed in, so nothing is an organization's own.
 */
export const isUnvouched = (row: string, account: string) => `
  case when ${row}.owner_organization_id is null
    then ${row}.is_dynamic or ${row}.owner_account_id is not null
    else not exists (
      select from organization_members vm
       where vm.organization_id = ${row}.owner_organization_id and vm.account_id = ${account}
         and vm.suspended_at is null) end`;
