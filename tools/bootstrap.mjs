// Makes a fresh clone ready for `npm start`, `npm test` and the like. Runs before them on whatever Node the machine
// has (20 and later), so it is plain JavaScript without dependencies. Does nothing, in a few milliseconds, when the
// installed packages are those of package-lock.json.
//
// Arguments are folders that have a lockfile of their own and are made ready too. What needs them can do without,
// saying so, where they cannot be installed; on CI nothing may be left out.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

const lowestNode = 24
const root = process.env.SLUICE_BOOTSTRAP_ROOT ?? join(import.meta.dirname, '..')
/** Milliseconds. */
const longestInstall = 600_000
/** Without them npm takes more than a minute to say that there is no network. */
const impatient = ['--fetch-retry-mintimeout=2000', '--fetch-retry-maxtimeout=10000']

if (!isInstalled(root)) await install(root, 'the dependencies', fail)
for (const folder of process.argv.slice(2)) {
  const place = join(root, folder)
  if (!isInstalled(place)) await install(place, `the dependencies of ${folder}`, process.env.CI ? fail : complain)
}
if (!existsSync(join(root, 'node_modules/.bin/node')) && Number.parseInt(process.versions.node, 10) < lowestNode) {
  fail(
    `Sluice needs Node ${lowestNode} or later and found no package of it for ${process.platform}-${process.arch}; ` +
      `this is Node ${process.versions.node}. Install a newer Node from https://nodejs.org and run this again.`,
  )
}

/**
 * npm writes node_modules/.package-lock.json as the last act of an install, so an interrupted one leaves none.
 * Packages for other platforms are optional and may be absent.
 */
function isInstalled(folder) {
  const installed = readPackages(join(folder, 'node_modules/.package-lock.json'))
  if (installed === undefined) return false
  for (const [path, wanted] of Object.entries(readPackages(join(folder, 'package-lock.json')) ?? {})) {
    if (!path.includes('node_modules/')) continue
    const found = installed[path]
    if (found === undefined ? !wanted.optional : found.version !== wanted.version || found.link !== wanted.link)
      return false
  }
  return true
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return undefined
  }
}

async function install(folder, what, failed) {
  const started = Date.now()
  const stopProgress = showProgress(what, started)
  const { status, output } = await installOnce(folder)
  stopProgress()
  if (status === 0) {
    process.stderr.write(`Installed ${what} in ${seconds(started)}.\n`)
    return
  }
  process.stderr.write(output)
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH/.test(output)) {
    failed(
      `${capitalize(what)} could not be downloaded: the package registry was not reached. The first start needs the ` +
        'network (or a filled npm cache); check the connection, the proxy and `npm config get registry`, then run this again.',
    )
  } else failed(`Installing ${what} failed; what npm said is above. Correct it and run this again.`)
}

/** Two installs at once would take each other's files away: the second waits, and finds all done or begins anew. */
async function installOnce(folder) {
  // Beside node_modules, which an install takes away first.
  const lockFile = join(folder, '.install.lock')
  while (isRunning(installer(lockFile))) await new Promise((resolve) => setTimeout(resolve, 200))
  if (isInstalled(folder)) return { status: 0, output: '' }
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...impatient]
  const result = await runNpm(args, folder, lockFile)
  rmSync(lockFile, { force: true })
  return result
}

/** The process id of the npm that installs just now; not a number when there is none. Ids come again: an old one is none. */
function installer(lockFile) {
  try {
    const age = Date.now() - statSync(lockFile).mtimeMs
    return age > longestInstall ? Number.NaN : Number.parseInt(readFileSync(lockFile, 'utf8'), 10)
  } catch {
    return Number.NaN
  }
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** By the npm that runs this script, where there is one. */
function runNpm(args, folder, lockFile) {
  const npm = process.env.npm_execpath
  const child =
    npm === undefined
      ? spawn('npm', args, { cwd: folder, shell: process.platform === 'win32' })
      : spawn(process.execPath, [npm, ...args], { cwd: folder })
  if (child.pid !== undefined) writeFileSync(lockFile, String(child.pid))
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => child.kill(signal))
  return new Promise((resolve) => {
    let output = ''
    child.stdout.resume()
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('error', (error) => resolve({ status: 1, output: `${error.message}\n` }))
    child.on('close', (status) => resolve({ status: status ?? 1, output }))
  })
}

function showProgress(what, started) {
  const { stderr } = process
  if (!stderr.isTTY) {
    stderr.write(`Installing ${what} (once)…\n`)
    return () => {}
  }
  const show = () => stderr.write(`\r\u001B[KInstalling ${what} (once)… ${seconds(started)}`)
  show()
  const timer = setInterval(show, 1000)
  return () => {
    clearInterval(timer)
    stderr.write('\r\u001B[K')
  }
}

function seconds(started) {
  return `${Math.round((Date.now() - started) / 1000)} s`
}

function capitalize(text) {
  return text[0].toUpperCase() + text.slice(1)
}

function complain(message) {
  process.stderr.write(`\n${message}\n`)
}

function fail(message) {
  complain(message)
  process.exit(1)
}
