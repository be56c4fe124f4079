import { errorReference } from '../error-reference.ts'
import type { Check } from './check.ts'

const page = 'docs/errors.md'

export const docsErrorsCheck: Check = {
  name: 'docs: error codes',
  fix: 'Run `npm run docs`.',
  run: (project) => {
    const written = project.paths.includes(page) ? project.read(page) : undefined
    return written === errorReference()
      ? []
      : [{ file: page, message: 'differs from codes.ts and meanings.ts in packages/protocol/src/errors' }]
  },
}
