import {
  byItsId,
  byMaking,
  inLists,
  type Intrusion,
  keyKinds,
  keyOf,
  lossesOf,
  startTenants,
} from '../tests/access/tenants.ts'

/**
 * `npm run prove:tenants`: two organisations share a gateway. With every kind of key that either has, everything of the other's is
 * reached for in every way that there is; then it is seen whether either has lost anything.
 */
await using tenants = await startTenants()
const { both, ask } = tenants

async function prove(title: string, intrusions: readonly Intrusion[]): Promise<void> {
  let attempts = 0
  const wrong: string[] = []
  for (const other of both) {
    const own = both.find((tenant) => tenant !== other)!
    for (const kind of keyKinds) {
      for (const { name, attempt } of intrusions) {
        attempts++
        const found = await attempt(keyOf(own, kind), other, ask)
        wrong.push(...found.map((what) => `${kind} of ${own.name}: ${name}: ${what}`))
      }
    }
  }
  say(title, `${attempts} attempts, ${wrong.length} of them told or did something`, wrong)
}

function say(title: string, result: string, wrong: readonly string[]): void {
  console.log(`${title.padEnd(48)}${result}`)
  for (const line of wrong) console.log(`  ${line}`)
  if (wrong.length > 0) process.exitCode = 1
}

await prove('to see, change or remove it by its id', byItsId)
await prove('to find it in a list', inLists)
await prove('to make something for it, or of it', byMaking)
const lost = await lossesOf(tenants)
say('after that', `${lost.length} things lost`, lost)
