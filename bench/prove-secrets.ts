import { leaksIn, runWithSecrets, type Storage } from '../tests/secrets/run-with-secrets.ts'
import { shapesOf } from '../tests/secrets/shapes-of.ts'

/**
 * `npm run prove:secrets`: a gateway whose secrets are known is asked for everything, well and badly, and killed; then all that it
 * said and left behind is searched for them.
 */
async function prove(title: string, storage: Storage): Promise<void> {
  const report = await runWithSecrets(storage)
  const { secrets, places, answered, refused, alerts } = report
  const leaks = leaksIn(report)
  const shapes = [...secrets.values()].reduce((sum, secret) => sum + shapesOf(secret).length, 0)
  const bytes = places.reduce((sum, { text }) => sum + text.length, 0)
  console.log(title)
  console.log(`  requests answered, and refused or failed   ${answered}, ${refused}`)
  console.log(`  alerts                                     ${alerts}`)
  console.log(`  secrets, and ways in which they are written  ${secrets.size}, ${shapes}`)
  console.log(`  texts searched                             ${places.length}, ${(bytes / 1024 / 1024).toFixed(1)} MiB`)
  console.log(`  secrets found                              ${leaks.length}`)
  for (const leak of leaks) console.log(`    ${leak}`)
  if (leaks.length > 0) process.exitCode = 1
}

await prove('SQLite and memory', 'embedded')
await prove('PostgreSQL and Redis, both lost in the end', 'servers')
