import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { getuid } from 'node:process'

const needed = ['nginx', 'wrk', 'taskset']
const packageOf: Readonly<Record<string, string>> = { nginx: 'nginx-light', wrk: 'wrk', taskset: 'util-linux' }

/** Sees to the tools that are not ours, installing them where apt and the rights for it exist. Names what is missing. */
export function missingTools(log: (line: string) => void): readonly string[] {
  const missing = needed.filter((tool) => !onPath(tool))
  if (missing.length === 0 || getuid?.() !== 0 || !onPath('apt-get')) return missing
  const packages = missing.map((tool) => packageOf[tool] ?? tool)
  log(`installing ${packages.join(', ')} with apt-get`)
  try {
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    execFileSync('apt-get', ['install', '-y', ...packages], { env: environment, stdio: 'ignore', timeout: 300_000 })
  } catch (error) {
    log(`apt-get failed: ${String(error).split('\n')[0]}`)
  }
  return needed.filter((tool) => !onPath(tool))
}

function onPath(tool: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((directory) => existsSync(`${directory}/${tool}`))
}
