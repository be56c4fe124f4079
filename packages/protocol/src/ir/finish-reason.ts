/**
 * Why a choice ended.
 *
 * `stop` the model was done or met a stop sequence; `length` a token limit; `tool-calls` it waits for the
 * results of its calls; `content-filter` the provider or the model refused; `error` the provider broke off.
 */
export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'error'
