import { execFile } from 'node:child_process'
import process from 'node:process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

/** What becomes of a question that is asked twice, in a process to which a file does not come the first time. */
async function outcomesOf(question: string, lost: string): Promise<unknown> {
  const code = `
    import { registerHooks } from 'node:module'
    import { createSluice, SluiceError } from 'sluice'
    let lost = true
    registerHooks({
      load(url, context, next) {
        if (!lost || !url.endsWith('/${lost}.ts')) return next(url, context)
        lost = false
        throw new TypeError('The file did not come.')
      },
    })
    const lab = { type: 'openai_compatible', base_url: 'http://127.0.0.1:9', api_key: 'key', speaks: ['anthropic-messages'] }
    const providers = { lab: { ...lab, models: ['small'], models_path: null, max_retries: 0 } }
    const sluice = createSluice({ providers, environment_providers: false })
    const outcomes = []
    for (let times = 0; times < 2; times++) {
      const outcome = await sluice.${question}.then(() => 'answered', (error) => error)
      outcomes.push(outcome instanceof SluiceError ? [outcome.code, outcome.message, outcome.cause?.message] : String(outcome))
    }
    console.log(JSON.stringify(outcomes))`
  const flags = ['--conditions=sluice-source', '--input-type=module', '--eval', code]
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: import.meta.dirname })
  return JSON.parse(stdout)
}

test.each([
  [`explain('lab/small')`, 'anthropic-messages', 'answered'],
  [`listModels()`, 'anthropic-messages', 'answered'],
  [`chat('Hello')`, 'anthropic-messages', ['upstream_unreachable', expect.anything(), expect.anything()]],
  [`countTokens('Hello')`, 'openai-input-tokens', 'answered'],
])('%s fails as other calls do where %s does not come, and works when it does', async (question, lost, then) => {
  expect(await outcomesOf(question, lost)).toEqual([
    ['internal_error', 'A file of Sluice could not be loaded. The next call tries again.', 'The file did not come.'],
    then,
  ])
})
