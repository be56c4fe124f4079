import type { Principal } from '../pipeline/principal.ts'
import type { Role } from './roles.ts'

/** How far somebody sees and changes: what is outside is not there for them. A member that is absent limits nothing. */
export interface Reach {
  readonly organisation?: string
  readonly workspace?: string
  /** What is of this user only. */
  readonly user?: string
}

/** Who uses the admin API. */
export interface Actor {
  /**
   * As the audit log names them: the id of a key, or of a user who signed in; `admin-key` for that of config; `local` for
   * the command line here.
   */
  readonly id: string
  readonly role: Role
  readonly reach: Reach
  /** What they are as callers of models; absent for those who may ask for everything. */
  readonly principal?: Principal
  /** The id of the session that they came by, in place of a key. */
  readonly session?: string
}

/** Who can read the data directory may do everything anyway. */
export const localActor: Actor = Object.freeze({ id: 'local', role: 'owner', reach: Object.freeze({}) })

/** An actor reaches as far as their key belongs; a developer not beyond their own user. */
export function actorOf(principal: Principal, role: Role, session?: string): Actor {
  const { id, organisation, workspace, user } = principal
  const reach: Reach = {
    ...(organisation !== undefined && { organisation }),
    ...(workspace !== undefined && { workspace: workspace.id }),
    ...(role === 'developer' && { user: user ?? 'nobody' }),
  }
  return { id, role, reach, principal, ...(session !== undefined && { session }) }
}
