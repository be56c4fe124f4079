import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { cleanEnvironment, type Contender } from './contender.ts'

const gatewayVersion = '1.15.2'
const containerNode = '20.20.2'
const nodePackage = `node-linux-${process.arch}`
const modules = `${import.meta.dirname}/../.work/portkey/node_modules`
const program = `${modules}/@portkey-ai/gateway/build/start-server.js`

/** Portkey's open gateway on Node 20, which its container image is built from. */
export const portkey: Contender = contender(
  'portkey',
  'Portkey',
  `${modules}/${nodePackage}/bin/node`,
  `v${containerNode}`,
)

/** The same on the Node that all the others run on. */
export const portkeySameNode: Contender = contender(
  'portkey-same-node',
  'Portkey, our Node',
  process.execPath,
  process.version,
)

function contender(id: string, name: string, node: string, nodeVersion: string): Contender {
  return {
    id,
    name,
    readyPath: '/',
    headers: ({ upstream }) => ({ 'x-portkey-provider': 'openai', 'x-portkey-custom-host': `${upstream}/v1` }),
    unavailable: (workDirectory) => install(`${workDirectory}/portkey`),
    version: () => `@portkey-ai/gateway ${gatewayVersion}, Node ${nodeVersion}`,
    command: ({ port, directory }) => ({
      program: node,
      arguments: ['--import', `${import.meta.dirname}/portkey-preload.mjs`, program, `--port=${port}`, '--headless'],
      environment: cleanEnvironment(directory),
    }),
  }
}

/** Installs the gateway and Node 20 in a directory that is not part of the project. Says why when it cannot. */
async function install(directory: string): Promise<string | undefined> {
  const isInstalled = (): boolean => existsSync(program) && existsSync(`${modules}/${nodePackage}/bin/node`)
  if (isInstalled()) return undefined
  mkdirSync(directory, { recursive: true })
  writeFileSync(`${directory}/package.json`, '{ "private": true }\n')
  const packages = [`@portkey-ai/gateway@${gatewayVersion}`, `${nodePackage}@${containerNode}`]
  try {
    const options = ['install', '--no-audit', '--no-fund', '--ignore-scripts']
    await promisify(execFile)('npm', [...options, ...packages], { cwd: directory, timeout: 180_000 })
  } catch (error) {
    return `npm could not install ${packages.join(', ')}: ${String(error).split('\n')[0]}`
  }
  return isInstalled() ? undefined : `${packages.join(', ')} lack their programs`
}
