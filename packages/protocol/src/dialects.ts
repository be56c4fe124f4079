// Every wire at once, for who serves callers of all of them. What `@sluice/protocol` has is enough to ask a provider.
export { anthropicMessages } from './dialects/anthropic-messages/anthropic-messages.ts'
export { bedrockConverse } from './dialects/bedrock-converse/bedrock-converse.ts'
export { cohereChat } from './dialects/cohere-chat/cohere-chat.ts'
export { geminiGenerate } from './dialects/gemini-generate/gemini-generate.ts'
export { ollamaChat } from './dialects/ollama-chat/ollama-chat.ts'
export { openaiResponses } from './dialects/openai-responses/openai-responses.ts'
export type {
  Continuation,
  ConversationTurn,
  FinishedResponse,
  RequestedState,
} from './dialects/openai-responses/conversation.ts'
export {
  answerHeadOf,
  continueConversation,
  findResponseItem,
  listResponseInput,
  readFinishedResponse,
  readRequestedState,
  responseOfItem,
  statelessRequest,
} from './dialects/openai-responses/conversation.ts'
export { openaiInputTokens } from './dialects/openai-input-tokens/openai-input-tokens.ts'
export { chatDialects } from './chat-dialects.ts'
export { countTokensDialects } from './count-tokens-dialects.ts'
export { embedDialects } from './embed-dialects.ts'
export { rerankDialects } from './rerank-dialects.ts'
export { translatableDialects } from './translatable-dialects.ts'
export { operationDialects } from './operation-dialects.ts'
