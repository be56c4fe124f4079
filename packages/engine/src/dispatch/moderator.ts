import { type ChatDialect, chatModerator, type Operation, type TranslatableDialect } from '@sluice/protocol'
import type { ModerationConfig } from '../config/config.ts'

type Dialects = ReadonlyMap<string, TranslatableDialect>

/** What an operation's callers can be translated to: for moderation the dialects of chat, too, where that is configured. */
export function dialectsFor(operation: Operation, known: Dialects, moderation: ModerationConfig | undefined): Dialects {
  if (operation !== 'moderate' || moderation === undefined) return known
  const dialects = new Map(known)
  for (const [id, dialect] of known)
    if (dialect.operation === 'chat') dialects.set(id, chatModerator(dialect as ChatDialect, moderation.categories))
  return dialects
}

/** What OpenAI's clients say, or the dialect for them, when they mean no model in particular. */
const usual = /^(?:omni|text)-moderation-/

/** The model that a name stands for, where the configured moderator answers for it. */
export function moderatedBy(moderation: ModerationConfig, model: string | undefined): string | undefined {
  return model === undefined || usual.test(model) ? moderation.model : model
}
