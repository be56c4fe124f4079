export type { ErrorCategory, ErrorCode } from './errors/codes.ts'
export { errorCodes } from './errors/codes.ts'
export { answerLimit, answerTooLong } from './errors/answer-too-long.ts'
export type { SluiceErrorOptions, UpstreamErrorDetail } from './errors/sluice-error.ts'
export { SluiceError } from './errors/sluice-error.ts'
export type * from './dialect.ts'
export type * from './ir/chat.ts'
export type { ChatEvent } from './ir/chat-event.ts'
export type { TokenCountResult } from './ir/count-tokens.ts'
export type * from './ir/embed.ts'
export type * from './ir/moderate.ts'
export type * from './ir/rerank.ts'
export type { Extensions, Warning } from './ir/extensions.ts'
export type { FinishReason } from './ir/finish-reason.ts'
export type { Usage } from './ir/usage.ts'
export { inputClasses, noUsage, outputClasses, totalInput, totalOutput } from './ir/usage.ts'
export type { Operation } from './operation.ts'
export { openaiChat } from './dialects/openai-chat/openai-chat.ts'
export { decodeRequest as decodeChatRequest } from './dialects/openai-chat/decode-request.ts'
export { openaiChatReader } from './dialects/openai-chat/openai-chat-reader.ts'
export type { WrittenRequest } from './dialects/openai-chat/written-request.ts'
export { writeChatRequest } from './dialects/openai-chat/written-request.ts'
export { openaiCompletions } from './dialects/openai-completions/openai-completions.ts'
export { openaiEmbeddings } from './dialects/openai-embeddings/openai-embeddings.ts'
export { openaiInputTokens } from './dialects/openai-input-tokens/openai-input-tokens.ts'
export { openaiModerations } from './dialects/openai-moderations/openai-moderations.ts'
export { jinaRerank } from './dialects/jina-rerank/jina-rerank.ts'
export {
  openaiImageEdits,
  openaiImages,
  openaiSpeech,
  openaiTranscriptions,
  openaiTranslations,
} from './dialects/openai-operations/openai-operations.ts'
export { readUsage } from './dialects/openai-operations/usage.ts'
export { floatsOf } from './ir/embed-forms.ts'
export { openaiErrors } from './dialects/openai-chat/error.ts'
export type { WireError } from './dialects/openai-chat/encode-error.ts'
export { decodeUsage, encodeUsage } from './dialects/openai-chat/usage.ts'
export type { WireUsage } from './dialects/openai-chat/usage.ts'
export type { WireObject } from './json/wire-object.ts'
export { encodeSseComment, encodeSseEvent, encodeSseLine } from './framing/encode-sse.ts'
export type { SseEvent, SseParser, SseParserOptions } from './framing/sse-parser.ts'
export { createSseParser } from './framing/sse-parser.ts'
export { foldChatEvents } from './ir/fold-chat-events.ts'
export { unfoldChatResult } from './ir/unfold-chat-result.ts'
export type { AnswerHead, TranslationOptions } from './translate/translation.ts'
export { translateRequest, translateResult, translateStream } from './translate/translation.ts'
export type { AskedAnswer, Translator } from './translate/translator.ts'
export { translatorBetween } from './translate/translator.ts'
export { chatDialects } from './chat-dialects.ts'
export { countTokensDialects } from './count-tokens-dialects.ts'
export { embedDialects } from './embed-dialects.ts'
export { rerankDialects } from './rerank-dialects.ts'
export { translatableDialects } from './translatable-dialects.ts'
export type { ModerationCategories } from './translate/chat-moderator.ts'
export { chatModerator, usualCategories } from './translate/chat-moderator.ts'
export { joinBytes } from './bytes/join-bytes.ts'
export { isRecord } from './json/wire-object.ts'
export { routingMembers, withoutRoutingMembers } from './json/routing-members.ts'
export { scanObject } from './json/scan.ts'
export { operationDialects } from './operation-dialects.ts'
export { formBoundary } from './multipart/form-boundary.ts'
export type { FormField, FormFile, FormScanner } from './multipart/form-scanner.ts'
export { createFormScanner } from './multipart/form-scanner.ts'
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
