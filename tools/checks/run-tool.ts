import { spawn } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import type { Finding } from './check.ts'
import type { Project } from './project.ts'

export interface ToolRun {
  readonly status: number
  /** Standard output, then standard error. */
  readonly output: string
}

/** Runs a command of node_modules/.bin, or this Node when the command is `node`, in the project's root. */
export function runTool(project: Pick<Project, 'root'>, command: string, args: readonly string[]): Promise<ToolRun> {
  const path = command === 'node' ? process.execPath : join(import.meta.dirname, '../../node_modules/.bin', command)
  const child = spawn(path, args, {
    cwd: project.root,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
    shell: process.platform === 'win32',
  })
  return new Promise((resolve, reject) => {
    let output = ''
    let complaints = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
    child.on('error', reject)
    child.on('close', (status) => resolve({ status: status ?? 1, output: output + complaints }))
  })
}

/**
 * A failed tool's lines as findings, by a pattern with the groups `file`, `line` and `message`; its whole output where
 * no line fits, so that a failure never passes for success.
 */
export function toFindings(tool: string, run: ToolRun, pattern: RegExp): Finding[] {
  if (run.status === 0) return []
  const findings = run.output.split('\n').flatMap((text): Finding[] => {
    const groups = pattern.exec(text)?.groups
    if (groups === undefined) return []
    const line = groups['line'] === undefined ? {} : { line: Number(groups['line']) }
    return [{ file: groups['file'] ?? tool, message: groups['message'] ?? `is not as ${tool} wants it`, ...line }]
  })
  return findings.length > 0
    ? findings
    : [{ file: tool, message: `ended with status ${run.status}:\n${run.output.trim()}` }]
}
