import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openProject, type Project } from './project.ts'

/** A small tree for a test: paths and what stands in them. */
export type PlantedFiles = Readonly<Record<string, string>>

const manifests: PlantedFiles = {
  'packages/protocol/package.json': '{ "name": "@sluice/protocol", "version": "1.0.0" }',
  'packages/engine/package.json': '{ "name": "sluice", "version": "1.0.0" }',
  'packages/gateway/package.json': '{ "name": "@sluice/gateway", "version": "1.0.0" }',
  'packages/simulator/package.json': '{ "name": "@sluice/simulator", "version": "1.0.0" }',
}

/** A workspace of four empty packages, and the given files. */
export function plantProject(files: PlantedFiles): Project {
  return openProject(plant(temporaryFolder(), { ...manifests, ...files }))
}

/** This repository's packages as they stand, and the given files over them. */
export function plantInCopy(files: PlantedFiles): Project {
  const root = temporaryFolder()
  const isCopied = (path: string): boolean => !/(^|[\\/])(node_modules|dist)$/.test(path)
  cpSync(join(import.meta.dirname, '../../packages'), join(root, 'packages'), { recursive: true, filter: isCopied })
  return openProject(plant(root, files))
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-planted-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

function plant(root: string, files: PlantedFiles): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}
