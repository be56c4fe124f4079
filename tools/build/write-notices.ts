import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RolldownOutput } from 'rolldown'

/** The licences of the packages that a build holds parts of, as `dist/notices.txt`; no file where there are none. */
export function writeNotices(folder: string, output: RolldownOutput['output']): void {
  const packages = new Set(
    output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds.flatMap((id) => packageOf(id) ?? []) : [])),
  )
  const path = join(folder, 'dist/notices.txt')
  if (packages.size === 0) return rmSync(path, { force: true })
  writeFileSync(path, [...packages].toSorted().map(noticeOf).join('\n\n'))
}

/** Where a module's package is. */
function packageOf(id: string): string | undefined {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id)?.[0]
}

function noticeOf(folder: string): string {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string
    readonly version: string
  }
  return `${name} ${version}\n\n${readFileSync(join(folder, 'LICENSE'), 'utf8').trim()}\n`
}
