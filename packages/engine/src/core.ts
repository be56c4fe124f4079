// The engine in parts: what is not imported from here, or handed to `createCore`, is not in a bundle.
export type { AnswerCost, AnswerFacts, CallEngine, CallOptions, CallOrigin } from './client/call-engine.ts'
export { bundledPrices } from './client/bundled-prices.ts'
export type { ChatAnswer, ChatStep, ToolCall, ToolResult } from './client/chat-answer.ts'
export type { ChatClient } from './client/chat-client.ts'
export type { ChatInput, ChatInputMessage, ChatInputRequest } from './client/chat-input.ts'
export type { ChatStream } from './client/chat-stream.ts'
export type { StreamUsage } from './client/chat-stream-source.ts'
export type { CoreOptions, CoreSluice, Prices } from './client/create-core.ts'
export { createCore } from './client/create-core.ts'
export type { ChatInputTool, FunctionTool, ToolContext } from './client/function-tool.ts'
export { defineTool } from './client/function-tool.ts'
export type { EmbedAnswer, EmbeddingRequest, EmbedInput } from './client/operations/embed.ts'
export { embed } from './client/operations/embed.ts'
export type { ConfiguredProvider } from './config/config.ts'
export type { ProviderOptions } from './config/configure.ts'
export { configure } from './config/configure.ts'
export type { FindPlan } from './dispatch/plan.ts'
export { translateBetween } from './dispatch/translate-between.ts'
export type { Provider } from './provider-kit/provider.ts'
export { defineProvider } from './provider-kit/provider.ts'
export type { Transport } from './transport/transport.ts'
export type { ChatEvent, ErrorCode, FinishReason, Usage } from '@sluice/protocol'
export {
  anthropicMessages,
  cohereChat,
  geminiGenerate,
  ollamaChat,
  openaiChat,
  openaiResponses,
  SluiceError,
} from '@sluice/protocol'
