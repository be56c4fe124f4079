// What providers speak that do not speak OpenAI's chat: for `translateBetween` of `sluice/core`.
export { anthropicMessages, cohereChat, geminiGenerate, ollamaChat, openaiResponses } from '@sluice/protocol/dialects'
