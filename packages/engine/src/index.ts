export type { AvailableModel } from './client/available-model.ts'
export type { ChatAnswer, ChatStep, ToolCall, ToolResult } from './client/chat-answer.ts'
export type { ChatInput, ChatInputMessage, ChatInputRequest, PromptInput } from './client/chat-input.ts'
export type { ChatStream } from './client/chat-stream.ts'
export type { AnswerCost, AnswerFacts, CallOptions, CallOrigin } from './client/call-engine.ts'
export type { WithoutCallOptions } from './client/misplaced-options.ts'
export type { StreamUsage } from './client/chat-stream-source.ts'
export type { GatewayInput } from './client/connect-gateway.ts'
export type { ProviderStatus } from './client/connection.ts'
export type * from './client/health-report.ts'
export { reportHealth, reportTargets } from './client/health-report.ts'
export type { CompletionInput, CompletionRequest } from './client/operations/complete.ts'
export type { TokenAnswer } from './client/operations/count-tokens.ts'
export type { EmbedAnswer, EmbeddingRequest, EmbedInput } from './client/operations/embed.ts'
export type { FileInput } from './client/operations/form-body.ts'
export type { GeneratedImage, ImageAnswer, ImageEditInput, ImageInput } from './client/operations/images.ts'
export type { ModerationAnswer, ModerationInput, ModerationRequest } from './client/operations/moderate.ts'
export type { RerankAnswer, RerankInput } from './client/operations/rerank.ts'
export type { SpeechAnswer, SpeechInput } from './client/operations/speech.ts'
export type { TranscribeAnswer, TranscribeInput } from './client/operations/transcribe.ts'
export type { ChatBatchOptions, ChatOptions, Sluice, SluiceOptions } from './client/create-sluice.ts'
export type { Content } from './client/content/content.ts'
export type { BlockAnswer, BlockKind, BlockOf, BlockOptions } from './client/content/content-block.ts'
export { defineBlock } from './client/content/content-block.ts'
export type { ContentBlocks, ContentBlockType } from './client/content/content-blocks.ts'
export type { ContentAnswer, ContentRequest, GeneratedContent } from './client/content/generate-content.ts'
export type { MetaAnswer, MetaOptions, PageMeta } from './client/content/page-meta.ts'
export type { CallParameters, ChatParameters, OpenAICompatibleConfig } from './client/facade/openai-compatible-api.ts'
export { OpenAICompatibleAPI } from './client/facade/openai-compatible-api.ts'
export { ModelMapper } from './client/facade/model-mapper.ts'
export type { Providers } from './client/facade/providers.ts'
export {
  createProvider,
  createProviders,
  OpenAICompatibleProvider,
  OpenRouterProvider,
  ProviderType,
} from './client/facade/providers.ts'
export type { PromptDescription, Prompts, PromptVariableDescription } from './client/prompts.ts'
export { listPrompts } from './client/prompts.ts'
export type { PromptBook } from './prompts/prompt-book.ts'
export { createPromptBook } from './prompts/prompt-book.ts'
export type {
  PromptMessage,
  PromptRole,
  PromptTemplate,
  PromptVariable,
  PromptVariableType,
} from './prompts/prompt-template.ts'
export type { PromptSettings, PromptVariableSettings } from './config/prompt-schema.ts'
export type { PromptReading } from './config/read-prompt.ts'
export { readPrompt } from './config/read-prompt.ts'
export type { BatchOptions, BatchOutcome, BatchProgress } from './client/batch.ts'
export type { ChatObjectOptions, ObjectAnswer } from './client/chat-object.ts'
export type * from './client/schema/standard-schema.ts'
export { withJsonSchema } from './client/schema/json-schema-of.ts'
export type { OutputIssue } from './client/schema/read-output.ts'
export { InvalidOutputError } from './client/schema/read-output.ts'
export type { ChatInputTool, FunctionTool, ToolContext } from './client/function-tool.ts'
export { defineTool, readToolArguments } from './client/function-tool.ts'
export type { RunToolsOptions } from './client/tool-run.ts'
export { hasSpent, type Spent } from './client/spent.ts'
export { createSluice } from './client/create-sluice.ts'
export type { CollectedAnswer } from './transport/collect.ts'
export { collect } from './transport/collect.ts'
export type { TransportStage } from './transport/failure.ts'
export { receiverFailed, redirected, transportFailure } from './transport/failure.ts'
export type { FetchTransportOptions } from './transport/fetch.ts'
export { createFetchTransport } from './transport/fetch.ts'
export type * from './transport/transport.ts'
export type {
  Annotation,
  AudioPart,
  ChatChoice,
  ChatEvent,
  ChatResult,
  ContentPart,
  ErrorCategory,
  ErrorCode,
  Extensions,
  FilePart,
  FinishReason,
  ImagePart,
  Media,
  OtherPart,
  RankedDocument,
  ReasoningPart,
  RefusalPart,
  SluiceErrorOptions,
  TextPart,
  TokenLogprob,
  ToolCallPart,
  UpstreamErrorDetail,
  Usage,
  Verdict,
  Warning,
} from '@sluice/protocol'
export { SluiceError } from '@sluice/protocol'
export type { Answer, AnswerSink } from './dispatch/answer.ts'
export type { Abortable } from './dispatch/abortable.ts'
export type { Attempt, RequestMemory, RestOfBody } from './dispatch/exchange.ts'
export { Exchange } from './dispatch/exchange.ts'
export { gatherAnswer } from './dispatch/gather-answer.ts'
export { neutralRequest } from './dispatch/neutral-request.ts'
export type { Plan } from './dispatch/plan.ts'
export { dialectOf, planPath } from './dispatch/plan.ts'
export { planFor } from './dispatch/plan-for.ts'
export type { RecognisedCall } from './dispatch/recognise-call.ts'
export { recogniseCall } from './dispatch/recognise-call.ts'
export type { Target } from './dispatch/target.ts'
export type { ConsideredCandidate, Decision } from './routing/decision.ts'
export type { FoundStrategy } from './config/build-routes.ts'
export type { Route } from './routing/route-plan.ts'
export type { RouteRequest } from './routing/route-request.ts'
export { factsOf } from './routing/route-request.ts'
export type { Condition, ReadCondition } from './routing/route-condition.ts'
export { loadConditions } from './routing/load-conditions.ts'
export type * from './strategies/strategy.ts'
export { strategies } from './strategies.generated.ts'
export type { TargetChange, TargetState, TargetStates } from './routing/target-state.ts'
export type { GivenOverrides, RouteOverrides } from './routing/route-overrides.ts'
export { overrideHeaders, readOverrides } from './routing/route-overrides.ts'
export type { RouteContext } from './routing/route.ts'
export { forbiddenBy } from './routing/choose-for.ts'
export { route } from './routing/route.ts'
export type { FailedAttempt } from './routing/route-failed-error.ts'
export { RouteFailedError } from './routing/route-failed-error.ts'
export type { RouteExplanation } from './routing/explain-route.ts'
export { explainRoute } from './routing/explain-route.ts'
export type { ProviderDescription } from './provider-kit/describe-provider.ts'
export { describeProvider } from './provider-kit/describe-provider.ts'
export type { ConfigFile, ConfigFlags, ConfigReading, ConfigSources } from './config/build-config.ts'
export { buildConfig, readConfig } from './config/build-config.ts'
export type * from './config/config.ts'
export type * from './config/limits-config.ts'
export { limitSubjects } from './config/limits-config.ts'
export { type BudgetAmount, type BudgetRuleSettings, buildBudgetRule } from './config/budgets-schema.ts'
export { buildKeyLimits } from './config/key-limits.ts'
export {
  buildLimitRule,
  type LimitAmounts,
  type LimitRuleSettings,
  type RuleMatchSettings,
} from './config/limits-schema.ts'
export type { AttemptGate, AttemptPass } from './dispatch/attempt-gate.ts'
export type { ConfigPath, ConfigProblem } from './config/config-problem.ts'
export { configError, formatPath, formatProblem } from './config/config-problem.ts'
export { describeIssues } from './config/describe-issues.ts'
export type { EnvironmentVariable } from './config/environment-variables.ts'
export { configFileVariable, environmentVariables } from './config/environment-variables.ts'
export type { Environment } from './config/interpolate.ts'
export { interpolate } from './config/interpolate.ts'
export type { ConfigInput, ProviderInput } from './config/schema.ts'
export type { AuthScheme, Identity, IdentityScheme, KeyScheme } from './provider-kit/auth.ts'
export {
  authorize,
  awsSigV4,
  bearer,
  clientCredentials,
  googleAuth,
  headerAuth,
  noAuth,
  queryAuth,
} from './provider-kit/auth.ts'
export type { JsonObject, Quirk } from './provider-kit/quirk.ts'
export { readQuirk } from './provider-kit/read-quirk.ts'
export { destinationFor, healthDestination, modelsDestination } from './provider-kit/destination.ts'
export type * from './provider-kit/provider.ts'
export { defineProvider } from './provider-kit/provider.ts'
export { Secret } from './provider-kit/secret.ts'
export { fillBaseUrl } from './provider-kit/base-url-template.ts'
export { detectProvider, detectProviderName } from './provider-kit/detect-provider.ts'
export { fetchModels } from './models/fetch-models.ts'
export { findLocalServers } from './models/find-local-servers.ts'
export type { ModelCatalog, ModelCatalogOptions, ProviderModels } from './models/model-catalog.ts'
export { createModelCatalog } from './models/model-catalog.ts'
export type { ModelRegistry, ModelRegistryOptions, ModelSnapshot, RegisteredModel } from './models/model-registry.ts'
export { createModelRegistry } from './models/model-registry.ts'
export type { ModelFacts, ModelFactsSource } from './models/model-facts.ts'
export { createModelFacts } from './models/model-facts.ts'
export { modelSelectors } from './models/model-selectors.ts'
export type { CatalogModel, ModelTable } from './models/model-table.ts'
export { loadModelTable } from './models/model-table.ts'
export type { ModelVendor } from './models/model-vendors.ts'
export { modelSynonyms, modelVendors } from './models/model-vendors.ts'
export { fitsPatterns } from './models/name-pattern.ts'
export { nearMatches } from './models/near-matches.ts'
export type { ModelNames } from './models/normalize-model-name.ts'
export { modelNames } from './models/normalize-model-name.ts'
export type { ListedModel, ModelList } from './models/read-model-list.ts'
export { readModelList } from './models/read-model-list.ts'
export type { Explanation, Resolution, ResolutionRule, ResolutionStep } from './models/resolution.ts'
export type { ModelResolver, ModelResolverOptions } from './models/resolve-model.ts'
export { createModelResolver } from './models/resolve-model.ts'
export { sanitizeModelName } from './models/sanitize-model-name.ts'
export type { Cost, CostContext } from './money/cost-of.ts'
export { costOf } from './money/cost-of.ts'
export { toUsd } from './money/to-usd.ts'
export type * from './money/model-price.ts'
export { flatPrice, rateFor, ratePerMillion, ratePerUnit, ratesAt } from './money/model-price.ts'
export type { TokenCount } from './tokens/count-tokens.ts'
export { countTokens, estimateTokens } from './tokens/count-tokens.ts'
export { estimateText } from './tokens/estimate-text.ts'
export { providers } from './providers.generated.ts'
export { version } from './version.generated.ts'
export type {
  Middleware,
  MiddlewareRequest,
  MiddlewareResponse,
  NextMiddleware,
  RequestObject,
  ResponseObserver,
} from './middleware/middleware.ts'
export type { Engine, EngineOptions } from './compose.ts'
export { composeEngine } from './compose.ts'
export type { ProviderHealth } from './provider-kit/check-health.ts'
export { checkHealth } from './provider-kit/check-health.ts'
export { demo as demoProvider } from './providers/demo.ts'
export { credentialIn, scrubSecrets } from './dispatch/without-secrets.ts'
