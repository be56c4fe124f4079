import {
  jinaRerank,
  openaiChat,
  openaiCompletions,
  openaiEmbeddings,
  openaiModerations,
  commonDialects,
  type TranslatableDialect,
} from '@sluice/protocol'
import { openaiInputTokens, translatableDialects } from '@sluice/protocol/dialects'
import { expect, test } from 'vitest'
import { buildConfig } from '../config/build-config.ts'
import type { ConfiguredProvider } from '../config/config.ts'
import type { Speaks } from '../provider-kit/provider.ts'
import { providers as presets } from '../providers.generated.ts'
import { dialectsFor } from './moderator.ts'
import { dialectOf } from './plan.ts'
import { planFor } from './plan-for.ts'
import { wantedDialects } from './wanted-dialects.ts'

const callers = [
  openaiChat,
  openaiCompletions,
  openaiEmbeddings,
  openaiModerations,
  openaiInputTokens,
  jinaRerank,
] as const satisfies readonly TranslatableDialect[]
const models = ['gpt-5.5', 'gpt-3.5-turbo-instruct', 'claude-opus-5', 'gemini-3-pro', 'text-embedding-3-small', 'any']
const moderation = { model: 'any', categories: {} }

function planned(provider: ConfiguredProvider, dialects: readonly TranslatableDialect[]): readonly string[] {
  return callers.flatMap((caller) =>
    models.map((model) => {
      const known = new Map([...dialects, caller].map((dialect) => [dialect.id, dialect]))
      const name = `${caller.id} about ${model}`
      try {
        const plan = planFor(caller, provider, model, dialectsFor(caller.operation, known, moderation))
        return `${name}: ${plan.kind} ${plan.dialect.id}`
      } catch (error) {
        return `${name}: ${String(error)}`
      }
    }),
  )
}

const [lab] = buildConfig({
  presets,
  input: { providers: { lab: { base_url: 'http://127.0.0.1:9/v1', api_key: 'key' } } },
}).providers

function speaking(speaks: readonly Speaks[]): ConfiguredProvider {
  return { ...lab!, preset: { ...lab!.preset, speaks } }
}

const wires = translatableDialects.map(({ id }) => id)

test.each([
  ...presets.map(({ id, speaks }) => [id, speaks] as const),
  ...wires.flatMap((first) => wires.map((second) => [`${first}, ${second}`, [first, second]] as const)),
  ['one for some models', [{ dialect: 'openai-chat', models: ['gpt-*'] }, 'anthropic-messages']] as const,
  ['a further one for some models', [{ dialect: 'gemini-generate', models: ['gemini-*'] }, 'openai-chat']] as const,
])('%s is asked as if all dialects were there', async (_, speaks) => {
  const provider = speaking(speaks)
  const loaded = await Promise.all(wantedDialects([provider]).map(({ load }) => load()))
  expect(planned(provider, [...commonDialects, ...loaded])).toEqual(planned(provider, translatableDialects))
})

test.each(
  presets.filter(({ speaks }) => dialectOf(speaks[0]!) === 'openai-chat').map(({ id, speaks }) => [id, speaks]),
)('%s needs no further chat', (_, speaks) => {
  const wanted = wantedDialects([speaking(speaks)])
  expect(wanted.filter(({ operation }) => operation === 'chat')).toEqual([])
})
