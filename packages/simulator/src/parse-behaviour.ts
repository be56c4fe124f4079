import type { Behaviour } from './behaviour.ts'
import { faultKinds } from './fault.ts'
import { isPreset, presets } from './presets.ts'

/**
 * From text: a preset's name, or a behaviour as JSON. Throws an `Error` that says what is wrong. Looks as far as
 * a slip of the pen would otherwise go unnoticed: names of members and kinds of faults.
 */
export function parseBehaviour(text: string): Behaviour {
  const name = text.trim()
  if (isPreset(name)) return presets[name]
  if (!name.startsWith('{')) {
    throw new Error(`'${name}' is no behaviour: give JSON, or one of ${Object.keys(presets).join(', ')}.`)
  }
  let value: object
  try {
    value = JSON.parse(name) as object
  } catch (error) {
    throw new Error(`The behaviour is not valid JSON: ${(error as Error).message}`, { cause: error })
  }
  for (const member of Object.keys(value)) {
    if (!members.includes(member)) throw new Error(`A behaviour has no '${member}': it has ${members.join(', ')}.`)
  }
  const { fault } = value as { readonly fault?: unknown }
  for (const entry of Array.isArray(fault) ? fault : fault === undefined ? [] : [fault]) {
    const { kind } = (entry ?? {}) as { readonly kind?: unknown }
    if (typeof kind !== 'string' || !faultKinds.includes(kind)) {
      throw new Error(`There is no fault of the kind '${String(kind)}': there are ${faultKinds.join(', ')}.`)
    }
  }
  return value
}

const memberSet: Readonly<Record<keyof Behaviour, true>> = {
  on: true,
  reply: true,
  raw: true,
  headers: true,
  timing: true,
  reading: true,
  fault: true,
}
const members: readonly string[] = Object.keys(memberSet)
