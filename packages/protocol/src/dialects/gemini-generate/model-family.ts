/** What Google's models differ in, as far as a request must know. https://ai.google.dev/gemini-api/docs/thinking */
export interface ModelFamily {
  /** How thinking is asked for: by a budget of tokens, by a word, or not at all. */
  readonly thinking: ThinkingBudget | ThinkingLevels | undefined
  /** Takes `presencePenalty` and `frequencyPenalty`. */
  readonly penalties: boolean
  /** Takes a schema for the answer together with function declarations. */
  readonly schemaWithTools: boolean
  /** Refuses a turn whose first function call lacks its thought signature. */
  readonly signatures: boolean
  /** Takes images and files inside a function's response. */
  readonly mediaInResponses: boolean
  readonly systemInstruction: boolean
}

export interface ThinkingBudget {
  readonly kind: 'budget'
  /** Tokens. */
  readonly least: number
  readonly most: number
  /** Whether 0 switches it off. */
  readonly canBeOff: boolean
}

export interface ThinkingLevels {
  readonly kind: 'level'
  /** From the least to the most. */
  readonly levels: readonly string[]
}

const third: ModelFamily = {
  thinking: { kind: 'level', levels: ['minimal', 'low', 'medium', 'high'] },
  penalties: true,
  schemaWithTools: true,
  signatures: true,
  mediaInResponses: true,
  systemInstruction: true,
}

const second: ModelFamily = {
  thinking: undefined,
  penalties: true,
  schemaWithTools: false,
  signatures: false,
  mediaInResponses: false,
  systemInstruction: true,
}

const budget = (least: number, most: number, canBeOff: boolean): ModelFamily => ({
  ...second,
  thinking: { kind: 'budget', least, most, canBeOff },
  penalties: false,
})

/** First match wins; what matches nothing is taken for the newest. */
const families: readonly (readonly [RegExp, ModelFamily])[] = [
  [/gemma/i, { ...second, systemInstruction: false }],
  [/gemini-2\.5-pro/i, budget(128, 32_768, false)],
  [/gemini-2\.5-flash-lite/i, budget(512, 24_576, true)],
  [/gemini-2\.5/i, budget(1, 24_576, true)],
  [/gemini-(1|2)\b/i, second],
  [/gemini-4-hydrogen/i, { ...third, thinking: { kind: 'level', levels: ['low', 'medium', 'high', 'xhigh'] } }],
]

export function modelFamily(model: string): ModelFamily {
  return families.find(([pattern]) => pattern.test(model))?.[1] ?? third
}

/** Google's own tokens for each word of effort. https://ai.google.dev/gemini-api/docs/openai#thinking */
const budgets: Readonly<Record<string, number>> = { minimal: 0, low: 1024, medium: 8192, high: 24_576 }

/** Within what the model takes; words above `high` ask for all of it. */
export function budgetFor(effort: string, { least, most, canBeOff }: ThinkingBudget): number {
  if (effort === 'none') return canBeOff ? 0 : least
  return Math.min(most, Math.max(least, budgets[effort] ?? most))
}

const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

/** The model's level nearest to the effort; thinking cannot be switched off, so that `none` is the least. */
export function levelFor(effort: string, { levels }: ThinkingLevels): string | undefined {
  const wanted = efforts.indexOf(effort)
  if (levels.includes(effort) || wanted < 0) return levels.includes(effort) ? effort : undefined
  return levels.findLast((level) => efforts.indexOf(level) <= wanted) ?? levels[0]
}

/** The effort that a budget stands for. */
export function effortOf(budget: number): string {
  if (budget <= 0) return 'none'
  if (budget <= 1024) return 'low'
  return budget <= 8192 ? 'medium' : 'high'
}
