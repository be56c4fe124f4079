// Makes sure of the programs that the tests run beside npm's packages: real databases and a real browser. Arguments are
// names of the table below. Installs what is missing by apt-get where it may; elsewhere it says what is missing, and
// the tests that need it are left out. On CI nothing may be left out.
//
// Runs on whatever Node the machine has (20 and later), so it is plain JavaScript without dependencies.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'

/** By name: commands, any of which will do, where else than on the PATH they may be, and Debian's package. */
const programs = {
  chromium: { commands: ['chromium', 'chromium-browser', 'google-chrome'], folders: [], package: 'chromium' },
  postgresql: { commands: ['initdb'], folders: postgresqlFolders(), package: 'postgresql' },
  redis: { commands: ['redis-server', 'valkey-server'], folders: [], package: 'redis-server' },
}

const missing = process.argv.slice(2).filter((name) => !isInstalled(programs[name]))
if (missing.length > 0 && mayInstall()) install(missing.map((name) => programs[name].package))
const absent = missing.filter((name) => !isInstalled(programs[name]))
if (absent.length > 0) {
  process.stderr.write(
    `\nMissing for the tests: ${absent.join(', ')}. Install ${absent.length === 1 ? 'it' : 'them'} and run this again; ` +
      `on Debian: apt-get install ${absent.map((name) => programs[name].package).join(' ')}.\n`,
  )
  if (process.env.CI) process.exit(1)
}

function isInstalled({ commands, folders }) {
  const places = [...(process.env.PATH ?? '').split(delimiter), ...folders]
  return commands.some((command) => places.some((place) => existsSync(join(place, command))))
}

/** Debian keeps a server's programs off the PATH, by version. */
function postgresqlFolders() {
  const parent = '/usr/lib/postgresql'
  return existsSync(parent) ? readdirSync(parent).map((version) => join(parent, version, 'bin')) : []
}

function mayInstall() {
  return process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
}

function install(packages) {
  process.stderr.write(`Installing ${packages.join(', ')} by apt-get (once)…\n`)
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const run = (...args) => spawnSync('apt-get', ['-q', '-y', ...args], { env: environment, encoding: 'utf8' })
  run('update')
  const { status, stdout, stderr } = run('install', '--no-install-recommends', ...packages)
  if (status !== 0) process.stderr.write(`${stdout}${stderr}\n`)
  // A package starts its server: ours are started by the tests, on ports and in folders of their own.
}
