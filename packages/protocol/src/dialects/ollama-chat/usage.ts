import { noUsage, readCount, totalInput, totalOutput, type Usage } from '../../ir/usage.ts'
import type { WireObject } from './wire.ts'

export const usageMembers = ['prompt_eval_count', 'eval_count'] as const

/** Thinking is part of `eval_count`, and what was cached of the prompt part of `prompt_eval_count`: neither is told apart. */
export function decodeUsage(wire: WireObject): Usage | undefined {
  const input = readCount(wire['prompt_eval_count'])
  const output = readCount(wire['eval_count'])
  if (input === undefined && output === undefined) return undefined
  return {
    ...noUsage,
    input: input ?? 0,
    output: output ?? 0,
    reported: { ...(input !== undefined && { input }), ...(output !== undefined && { output }) },
  }
}

/** Ollama leaves out a count of which it knows nothing. */
export function encodeUsage(usage: Usage): WireObject {
  const input = totalInput(usage)
  const output = totalOutput(usage)
  const unknownInput = usage.reported !== undefined && usage.reported.input === undefined && input === 0
  const unknownOutput = usage.reported !== undefined && usage.reported.output === undefined && output === 0
  return {
    ...(!unknownInput && { prompt_eval_count: input }),
    ...((!unknownOutput || unknownInput) && { eval_count: output }),
  }
}
